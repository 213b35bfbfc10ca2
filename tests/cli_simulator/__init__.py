"""The command lines around the simulator, as a user meets them."""
