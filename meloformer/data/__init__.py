"""Corpora: MIDI files become shards of tokens, shards become training batches."""
