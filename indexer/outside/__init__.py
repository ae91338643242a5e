"""A connector that looks at its source from a process of its own, because the source may hang.

A call into a network mount that blocks in the kernel cannot be cancelled: whoever makes it waits, for days if
need be, and so does every program that waits for it. Here a process makes it that can be given up.

`connector` is what the rest of the program uses: a `Connector` like any other. `process` is the owner's view of that
process, `child` the inside of it, `wire` what the two tell each other.

Nothing is imported here: how a connector is made is asked by every command, and most start no process.
"""
