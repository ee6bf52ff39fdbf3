"""The site's own API (`/api/v2/…`), for scripts and for its own pages: files, albums, jobs, webhooks.

`requests` has the serializers of what is read, `responses` those of what is returned, and each view lists its
methods' in `accepts` and `answers`: the description of this API is generated from these tables.
"""
