"""The app without its widgets: sessions, the models they share, and what a visitor can do."""
