"""The admin's pages of files, albums, jobs, members and sorting: one noun a module.

`columns`, `filters` and `removal` hold what several of them share.
"""

from hosting.admin.album import AlbumAdmin
from hosting.admin.file import HostedFileAdmin
from hosting.admin.job import JobAdmin
from hosting.admin.taxonomy import CategoryAdmin, TagAdmin
from hosting.admin.user import UserAdmin

__all__ = ["AlbumAdmin", "CategoryAdmin", "HostedFileAdmin", "JobAdmin", "TagAdmin", "UserAdmin"]
