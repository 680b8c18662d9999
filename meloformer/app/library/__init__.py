"""The library: pieces and all that was made of them, in one SQLite file that outlasts the app.

What belongs to somebody is found by its owner only. Files are kept by their hash, each once.
"""
