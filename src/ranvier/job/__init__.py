"""The main job: from a table and the name of its target to a trained, scored model."""
