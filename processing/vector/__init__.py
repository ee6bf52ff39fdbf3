"""SVG: cleaning, measuring and rendering drawings."""
