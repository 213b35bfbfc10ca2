"""Tests of rtcctl; folders mirror the packages, `cases/` holds golden plans."""
