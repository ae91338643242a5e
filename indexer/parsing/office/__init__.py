"""Readers of office documents: bytes become blocks, in a worker process with limits.

Each module reads one family of formats. `package` and `compound` know the two containers that
nearly all of them use; `compound` and `zip_names` are light enough for detection.
"""
