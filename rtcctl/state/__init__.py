"""Keeping the ledger: a JSON file written whole or not at all, bound to one account, locked against a second run.

Layer: above `kinds`. Nothing here judges what the ledger means.
"""
