"""Single neurons: what can be built of them by hand, and what one alone can learn."""
