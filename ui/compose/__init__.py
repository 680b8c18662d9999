"""The compose tab."""
