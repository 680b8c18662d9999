"""The app over a long time: visitors, trainings, kills of everything in turn, a full disk."""
