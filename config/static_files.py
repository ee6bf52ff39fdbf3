"""How the website's own files are named: each by its content, and modules import one another by those names."""

from django.contrib.staticfiles.storage import ManifestStaticFilesStorage


class StaticFiles(ManifestStaticFilesStorage):
    """Django's, with the imports of ES modules rewritten too: a new page never runs with an old module."""

    support_js_module_import_aggregation = True
