"""Measuring: how well a checkpoint predicts music it has never seen."""
