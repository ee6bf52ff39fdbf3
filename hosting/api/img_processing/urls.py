"""The addresses of IMG Processing's API."""

from django.urls import re_path

from hosting.api.img_processing.transformations import TRANSFORMATIONS
from hosting.api.img_processing.views import (
    Classify,
    Download,
    ExtractText,
    Image,
    Images,
    Imagine,
    Publish,
    RemoveBackground,
    Transform,
    Unknown,
    Unpublish,
    Upload,
    Visualize,
)

ONE = r"^v1/images/(?P<id>[^/]+)"
STEPS = "|".join(TRANSFORMATIONS)

urlpatterns = [
    re_path(r"^v1/images/?$", Images.as_view(), name="img-processing-images"),
    re_path(r"^v1/images/upload/?$", Upload.as_view(), name="img-processing-upload"),
    re_path(r"^v1/images/imagine/?$", Imagine.as_view(), name="img-processing-imagine"),
    re_path(rf"{ONE}/?$", Image.as_view(), name="img-processing-image"),
    re_path(rf"{ONE}/download/?$", Download.as_view()),
    re_path(rf"{ONE}/publish/?$", Publish.as_view()),
    re_path(rf"{ONE}/unpublish/?$", Unpublish.as_view()),
    re_path(rf"{ONE}/(?P<step>{STEPS})/?$", Transform.as_view()),
    re_path(rf"{ONE}/remove-background/?$", RemoveBackground.as_view()),
    re_path(rf"{ONE}/classify/?$", Classify.as_view()),
    re_path(rf"{ONE}/visualize/?$", Visualize.as_view()),
    re_path(rf"{ONE}/extract-formatted-text/?$", ExtractText.as_view()),
    re_path(r"^v1/images/[\s\S]*$", Unknown.as_view()),
]
