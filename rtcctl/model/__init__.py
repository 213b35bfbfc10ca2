"""The vocabulary as immutable values; no input, no output, no knowledge of any single kind.

Layer: above `errors` only. Everything else speaks in these values.
"""
