"""The control socket: HTTP over a Unix socket, through which other processes ask the daemon."""
