"""`python -m bench`: every measurement, one after the other."""

from bench import upload

upload.main()
