"""Keeping the ledger: a snapshot written whole or not at all, a journal beside it, bound to one account, locked.

It is kept in a folder, in object storage or in PostgreSQL, which all do what `store.Store` says; `places` finds the one
that is meant. Layer: above `kinds`. Nothing here judges what the ledger means.
"""
