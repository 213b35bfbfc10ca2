"""Tests of the live reader."""
