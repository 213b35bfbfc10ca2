"""rtcctl as its users run it: whole commands against the simulator or a server on loopback."""
