"""Tests of the geometry of mixed pictures."""
