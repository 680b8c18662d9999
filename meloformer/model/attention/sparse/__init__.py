"""Attention over tiles of bits: a kernel of our own, in Triton, and what it reads."""
