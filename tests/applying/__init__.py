"""Tests of executing a plan and recording it."""
