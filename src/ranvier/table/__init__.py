"""Tables: columns of any kind <-> one float matrix, and the target."""
