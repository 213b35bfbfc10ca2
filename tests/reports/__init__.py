"""Tests of plans and results as JSON and as text."""
