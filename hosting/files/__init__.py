"""Use cases of files: uploads, results, edits, visibility, deletion."""
