"""Worker processes in which documents of binary formats are parsed, each within limits.

`Workers` is what the rest of the program uses. `child` runs inside the process that it starts, and
`frames` is all that the two say to each other.
"""

from indexer.parsing.workers.limits import WorkerLimits
from indexer.parsing.workers.pool import Workers

__all__ = ["WorkerLimits", "Workers"]
