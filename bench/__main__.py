"""`python -m bench`: every measurement, one after the other."""

from bench import compress, upload

for measure in (upload.main, compress.main):
    measure()
    print()
