"""Tests of the simulator, through its ASGI app, over HTTP, and with the official SDK."""
