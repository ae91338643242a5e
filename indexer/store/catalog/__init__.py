"""The catalog: one SQLite file that is the truth about everything but embeddings."""
