"""A corpus of bands made by dice, as large as one likes: for measurements of scale."""
