"""Imghippo's API (`/v1/…`): upload, delete, compress, convert, resize, crop; batches, immediate answers.

The contract is Imghippo's API page; beyond it, what its callers are seen to send and read: `success` in every
answer, the key in form, query, JSON or header, `image`, `image[]`, `file` and `file[]` alike.
"""
