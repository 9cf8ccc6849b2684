"""The glass box: rows through the network with every number kept, and what they say."""
