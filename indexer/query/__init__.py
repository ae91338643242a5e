"""The read side: from a question over a scope to passages and citations; history, diff, blame."""
