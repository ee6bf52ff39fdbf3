"""Word documents, made harmless; and LibreOffice, shut in. Used by processing/documents.py alone."""
