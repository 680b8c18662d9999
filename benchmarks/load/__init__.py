"""The app under many visitors at once, measured over HTTP."""
