"""The continuation study: continuations of held-out songs, measured beside the true ones."""
