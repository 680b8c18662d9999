"""Listening: people hear true and written continuations without names, and say what they think."""
