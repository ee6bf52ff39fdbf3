"""The site's own API (`/api/v2/…`), for scripts and for its own pages: files, albums, jobs, webhooks.

What is read stands in `requests`, what is told in `responses`, both as serializers, and each view names those
of its methods in `accepts` and `answers`: whatever describes this API reads these tables.
"""
