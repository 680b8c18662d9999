"""The engine: a score in, continuations out. Knows tokens, not widgets."""
