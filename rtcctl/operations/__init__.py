"""What the command line, and later the Python API, can do: load → read → plan → apply, each one function.

Layer: below `cli` only. It chooses where the service and the state are; it prints nothing and never exits.
"""
