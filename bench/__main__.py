"""`python -m bench`: every measurement, one after the other."""

from bench import background, compress, engines, hdr, jobs, jpeg, lists, mixed, target_size, upload

MEASURES = (
    upload, hdr, engines, compress, jpeg, target_size, background, jobs, mixed, lists,
)  # fmt: skip

for part in MEASURES:
    part.main()
    print()
