"""README and manuals: what they show is run, what they link to exists, what is generated is fresh."""
