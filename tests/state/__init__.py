"""Tests of the state layer: codec, binding, folder and lock."""
