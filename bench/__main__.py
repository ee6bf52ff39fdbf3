"""`python -m bench`: every measurement, one after the other."""

from bench import compress, mixed, upload

for measure in (upload.main, compress.main, mixed.main):
    measure()
    print()
