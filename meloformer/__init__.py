"""MeloFormer continues a musician's music, bar by bar."""

__version__ = "0.1.0"
