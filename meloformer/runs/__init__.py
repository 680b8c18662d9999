"""Training runs from outside: folder, state, processes, queue. Loads without torch."""
