"""Pages for signed-in members."""
