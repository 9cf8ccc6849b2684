"""Commands of ``ranvier`` beside train, predict and info."""
