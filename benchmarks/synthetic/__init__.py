"""A random corpus of bands, of any size: for measurements of scale."""
