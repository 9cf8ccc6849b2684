"""Callbacks that send a training to the tools people watch theirs with."""
