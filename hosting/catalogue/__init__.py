"""Which rows a list shows, in which order: pages by cursor, and search."""
