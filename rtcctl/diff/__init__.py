"""Comparing one declared object with one live object: which members differ, and what a whole body must hold.

Layer: above `kinds`. Pure functions over members and their flags; no kind is known by name.
"""
