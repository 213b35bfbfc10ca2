"""Tests of comparing one declared object with one live object."""
