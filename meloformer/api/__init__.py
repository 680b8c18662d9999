"""The Python API: what `import meloformer` offers, each name from a module of this package."""
