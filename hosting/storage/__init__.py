"""Where bytes are stored: objects, the two areas, their paths, and buckets."""
