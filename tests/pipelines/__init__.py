"""The pipelines of the examples: parsed, and run against the simulator and a forge on loopback."""
