"""Use cases of albums: editing, unlocking, contents, dissolving, deletion."""
