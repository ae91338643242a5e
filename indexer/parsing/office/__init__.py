"""Readers of office documents: bytes become blocks, in a worker process with limits.

Each module reads one family of formats. `safe_zip` and `compound` know the two containers that
nearly all of them use.
"""
