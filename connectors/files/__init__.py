"""The files connector: a folder or file share, watched by listing it."""
