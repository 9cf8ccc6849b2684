"""Ranvier beside other models on the same rows of a table: `rv.compare`."""
