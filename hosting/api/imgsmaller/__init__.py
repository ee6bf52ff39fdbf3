"""ImgSmaller's API (`/api/v1/…`, `/result/{key}`, `/download/{id}`): compress on a queue, poll, download.

The contract is ImgSmaller's API page; beyond it: `target_met` in a result where a size was asked for, and
`failed` with a `message` where nothing came of it.
"""
