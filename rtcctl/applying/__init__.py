"""Executing a Plan: the only layer that writes to the service, and the only one that writes the ledger.

Layer: above the planner. It makes the calls of the Plan it was given and no others.
"""
