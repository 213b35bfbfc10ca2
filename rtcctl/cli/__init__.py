"""The command line: flags in, text and exit codes out. The only layer that prints, asks and exits.

Layer: the top. Everything heavy is imported inside the commands, so that `rtcctl version` stays quick.
"""

COMPLETES = "_RTCCTL_COMPLETE"
"""The variable that the shells' scripts for completion set; click's own name for it."""
