"""Training runs seen from outside: folder, state, processes, queue. Loads without torch."""
