"""Attention: which token attends to which, and the ways to compute it."""
