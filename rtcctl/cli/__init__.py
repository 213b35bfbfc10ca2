"""The command line: flags in, text and exit codes out. The only layer that prints, asks and exits.

Layer: the top. Everything heavy is imported inside the commands, so that `rtcctl version` stays quick.
"""
