"""Text in pictures: Tesseract, and its hOCR output."""
