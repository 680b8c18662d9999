"""Evaluation: how well a checkpoint predicts and continues held-out music."""
