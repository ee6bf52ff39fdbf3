"""`python -m bench`: every measurement, one after the other."""

from bench import compress, engines, hdr, jobs, jpeg, lists, mixed, target_size, upload

MEASURES = (
    upload, hdr, engines, compress, jpeg, target_size, jobs, mixed, lists,
)  # fmt: skip

for part in MEASURES:
    part.main()
    print()
