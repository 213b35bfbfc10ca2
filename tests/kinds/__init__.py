"""Tests of the kinds: what they read, write and check."""
