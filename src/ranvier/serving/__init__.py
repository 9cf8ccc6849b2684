"""A table model behind HTTP: rows in as JSON or Arrow, predictions out as JSON."""
