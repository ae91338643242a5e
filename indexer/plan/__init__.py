"""Planning: what a listing means for the documents that are recorded. Pure; nothing is read or written."""
