"""Word documents, made harmless; and LibreOffice, shut in. Used by processing/office/word.py alone."""
