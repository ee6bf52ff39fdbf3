"""Chevereto's API 1.1 (`/api/1/upload`), and ImgBB's on top of it (`/1/upload`).

The contract is the "API version 1.1" page of any Chevereto site; deliberate differences are documented where
they occur: real HTTP statuses for `txt` and `redirect` errors, mistakes named instead of guessed around, the
existing picture returned with the duplicate error.
"""
