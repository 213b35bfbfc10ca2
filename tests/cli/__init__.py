"""The command line by itself: usage, exit codes, terminals, pipes, signals."""
