"""Plans kept in a file: written without a secret, read back as the same value, and judged before they are applied.

Layer: beside `apply`, above `planner`. `codec` turns a plan into JSON and back, `file` adds what it was made for and
guards it against edits, `stale` compares its facts with the live account, `fresh` puts in what a file must not hold.
"""
