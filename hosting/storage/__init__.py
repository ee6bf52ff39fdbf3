"""Where bytes lie: objects, the two areas, their paths, and buckets."""
