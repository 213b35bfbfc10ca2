"""Tests of the benchmarks: what they judge and count, and that who is compared does the same."""
