"""Pictures of networks with matplotlib; each returns the axes it has drawn on."""
