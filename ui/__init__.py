"""The app's pages. Only this package speaks Gradio."""
