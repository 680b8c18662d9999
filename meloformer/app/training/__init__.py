"""What a visitor can do with training runs."""
