"""The admin's pages of files, albums, jobs, members, sorting and origins: one noun a module.

`columns`, `filters` and `removal` hold what several of them share.
"""

from hosting.admin.album import AlbumAdmin
from hosting.admin.file import HostedFileAdmin
from hosting.admin.job import JobAdmin
from hosting.admin.origin import AllowedOriginAdmin
from hosting.admin.taxonomy import CategoryAdmin, TagAdmin
from hosting.admin.user import UserAdmin

__all__ = [
    "AlbumAdmin",
    "AllowedOriginAdmin",
    "CategoryAdmin",
    "HostedFileAdmin",
    "JobAdmin",
    "TagAdmin",
    "UserAdmin",
]
