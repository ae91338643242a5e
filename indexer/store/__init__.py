"""Where things are kept: the catalog (SQLite), the passages (LanceDB) and the originals (files)."""
