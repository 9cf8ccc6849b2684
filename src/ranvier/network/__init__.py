"""The network: its description, its flat array of parameters, and what goes in."""
