"""The app's pages. This package alone imports Gradio, and each of its modules does."""
