"""Training: the loop that yields one record an epoch, and those who watch it."""
