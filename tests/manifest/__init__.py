"""Tests of the manifest: each module, broken manifests with what is said of them, and any bytes at all."""
