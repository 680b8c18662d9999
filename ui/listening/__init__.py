"""The listening page: a small app of its own, for this machine alone."""
