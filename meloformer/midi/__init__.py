"""MIDI files: the container, its messages and notes, and music joined to an uploaded file."""
