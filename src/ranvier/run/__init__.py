"""A training run as an append-only folder: records, networks, a checkpoint."""
