"""The write side: list, plan, read, parse, chunk, weave, embed, commit; and recovery."""
