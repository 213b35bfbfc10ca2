"""Tests of the API client, against fake transports and tiny servers on loopback."""
