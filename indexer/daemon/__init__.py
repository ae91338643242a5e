"""The daemon: follows every source, looks at what changed as soon as it does, and says how it is."""
