"""The way to the service: credentials, signing, one call at a time, and answers checked before anyone sees them.

Layer: above `kinds` (of which it needs nothing) and `model`. It knows calls, not kinds. Nothing is imported here, so
that looking for credentials does not load httpx.
"""
