"""Tests of `rtcctl.export`."""
