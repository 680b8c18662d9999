"""Corpora: folders and archives of MIDI files become shards of tokens."""
