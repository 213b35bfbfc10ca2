"""Reading the account: as few calls as tell what the manifest and the state concern.

Layer: beside the planner, above `api`. It reads and never writes.
"""
