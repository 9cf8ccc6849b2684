"""Activations and losses to look at: formula, derivative, range, use, and a picture."""
