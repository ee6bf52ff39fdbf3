"""`python -m bench`: every measurement, one after the other."""

from bench import compress, engines, jpeg, mixed, target_size, upload

for measure in (upload.main, engines.main, compress.main, jpeg.main, target_size.main, mixed.main):
    measure()
    print()
