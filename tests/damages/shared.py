"""What all damaged pictures have in common: their size, and what must not be found in what is served."""

SIZE = (160, 120)
SECRET = b"SECRET-TAIL"
