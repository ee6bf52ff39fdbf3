"""`python -m bench`: every measurement, one after the other."""

from bench import compress, engines, jpeg, mixed, upload

for measure in (upload.main, engines.main, compress.main, jpeg.main, mixed.main):
    measure()
    print()
