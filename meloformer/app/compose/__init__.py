"""What a visitor can do with a piece of music."""
