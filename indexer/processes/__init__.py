"""Processes of this program's own, for work that may hang or die: how they are started, spoken to and ended.

`owned` is the owner's side, `frames` what the two say to each other, and `lifeline` makes sure that none
outlives its owner. What is said in the frames, and how long an answer may take, is for those who use them.
"""
