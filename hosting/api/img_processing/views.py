"""The views of IMG Processing's API."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from rest_framework.request import Request

from accounts.scopes import DELETE, EDIT, PROCESS, READ, UPLOAD
from hosting.api import engines
from hosting.api.img_processing import images, requests, responses
from hosting.api.img_processing.requests import read
from hosting.api.img_processing.transformations import TRANSFORMATIONS
from hosting.api.img_processing.view import ImgProcessingView
from hosting.api.view import OPEN
from hosting.backends import imagine, vision
from hosting.delivery.links import Stored
from hosting.delivery.responses import attachment, respond
from hosting.errors import HostingError
from hosting.files import deletion, results, visibility
from processing.ocr.reading import read_text

# mypy: disable-error-code="override"

# Of a processor's time; by the clock twice as many, within the minute that clients wait.
READING_SECONDS = 25


class Images(ImgProcessingView):
    """`GET /v1/images`, the list; `POST`, an image from a URL."""

    http_method_names = ["get", "head", "post", "options"]
    works = frozenset({"POST"})
    scopes = {"get": READ, "post": UPLOAD}

    def get(self, request: Request) -> HttpResponseBase:
        asked = read(requests.Page, self.body)
        found = images.page(self.stage, asked.take, asked.first)
        return JsonResponse(responses.page(found, asked.take))

    def post(self, request: Request) -> HttpResponseBase:
        asked = read(requests.FromUrl, self.body)
        source = requests.fetched_file(asked.url, self.stage.limits)
        return self.created(responses.image(images.take_in(self.stage, source, asked.name)))


class Upload(ImgProcessingView):
    """`POST /v1/images/upload`."""

    http_method_names = ["post", "options"]
    works = frozenset({"POST"})
    scopes = {"post": UPLOAD}

    def post(self, request: Request) -> HttpResponseBase:
        source, name = requests.sent_file(self.body, self.stage.limits)
        return self.created(responses.image(images.take_in(self.stage, source, name)))


class Imagine(ImgProcessingView):
    """`POST /v1/images/imagine`."""

    http_method_names = ["post", "options"]
    works = frozenset({"POST"})
    scopes = {"post": PROCESS}

    def post(self, request: Request) -> HttpResponseBase:
        asked = read(requests.Imagined, self.body)
        imagine.refuse_if_not_configured()
        prompt = asked.model_dump(exclude={"name"}, exclude_none=True)
        file, _ = images.made_by_job(self.stage, "imagine", None, prompt, asked.name)
        return self.created(responses.image(file))


class Image(ImgProcessingView):
    """`GET` and `DELETE /v1/images/{id}`."""

    http_method_names = ["get", "head", "delete", "options"]
    scopes = {"get": READ, "delete": DELETE}

    def get(self, request: Request, id: str) -> HttpResponseBase:
        return JsonResponse(responses.image(images.find(self.stage, id)))

    def delete(self, request: Request, id: str) -> HttpResponseBase:
        deletion.delete_own(images.find(self.stage, id))
        return HttpResponse(status=204)


class Download(ImgProcessingView):
    """`GET /v1/images/{id}/download`: the bytes, published or not."""

    http_method_names = ["get", "head", "options"]
    scopes = {"get": READ}

    def get(self, request: Request, id: str) -> HttpResponseBase:
        file = images.find(self.stage, id)
        try:
            response = respond(request._request, Stored.of(file))
        except FileNotFoundError as error:
            # Deleted in between.
            raise images.not_found(id) from error
        response["Content-Disposition"] = attachment(file)
        return response


class Publish(ImgProcessingView):
    """`POST /v1/images/{id}/publish`: its direct link works from now on."""

    http_method_names = ["post", "options"]
    scopes = {"post": EDIT}

    def post(self, request: Request, id: str) -> HttpResponseBase:
        file = visibility.publish(images.find(self.stage, id))
        return self.created(responses.image(file))


class Unpublish(ImgProcessingView):
    """`POST /v1/images/{id}/unpublish`: its direct link is dead from now on."""

    http_method_names = ["post", "options"]
    scopes = {"post": EDIT}

    def post(self, request: Request, id: str) -> HttpResponseBase:
        file = visibility.unpublish(images.find(self.stage, id))
        return self.created(responses.image(file))


class Transform(ImgProcessingView):
    """Every endpoint of TRANSFORMATIONS."""

    http_method_names = ["post", "options"]
    works = frozenset({"POST"})
    scopes = {"post": PROCESS}

    def post(self, request: Request, id: str, step: str) -> HttpResponseBase:
        wanted = read(TRANSFORMATIONS[step], self.body)
        file = images.transform(self.stage, images.find_input(self.stage, id), wanted)
        return self.created(responses.image(file))


class RemoveBackground(ImgProcessingView):
    """`POST /v1/images/{id}/remove-background`."""

    http_method_names = ["post", "options"]
    works = frozenset({"POST"})
    scopes = {"post": PROCESS}

    def post(self, request: Request, id: str) -> HttpResponseBase:
        asked = read(requests.Derived, self.body)
        source = images.find_input(self.stage, id)
        name = asked.name or source.title
        file, job = images.made_by_job(self.stage, "remove-background", source, {}, name)
        return engines.tell(self.created(responses.image(file), counts=2), [job])


class Classify(ImgProcessingView):
    """`POST /v1/images/{id}/classify`."""

    http_method_names = ["post", "options"]
    works = frozenset({"POST"})
    scopes = {"post": PROCESS}

    def post(self, request: Request, id: str) -> HttpResponseBase:
        data = images.content(images.find_input(self.stage, id))
        results.begin(self.stage.caller, self.stage.ip)
        found = vision.classify(data, self.stage.limits)
        return self.created(responses.classification(found))


class Visualize(ImgProcessingView):
    """`POST /v1/images/{id}/visualize`: an answer to a question about it."""

    http_method_names = ["post", "options"]
    works = frozenset({"POST"})
    scopes = {"post": PROCESS}

    def post(self, request: Request, id: str) -> HttpResponseBase:
        asked = read(requests.Question, self.body)
        data = images.content(images.find_input(self.stage, id))
        results.begin(self.stage.caller, self.stage.ip)
        text = vision.visualize(data, self.stage.limits, asked.prompt, asked.model or "")
        return self.created(responses.said(text))


class ExtractText(ImgProcessingView):
    """`POST /v1/images/{id}/extract-formatted-text`: what is written in it."""

    http_method_names = ["post", "options"]
    works = frozenset({"POST"})
    scopes = {"post": PROCESS}

    def post(self, request: Request, id: str) -> HttpResponseBase:
        asked = read(requests.TextForm, self.body)
        data = images.content(images.find_input(self.stage, id))
        results.begin(self.stage.caller, self.stage.ip)
        text = read_text(
            data,
            self.stage.limits,
            format=asked.format,
            languages=settings.OCR_LANGUAGES,
            seconds=READING_SECONDS,
        )
        return self.created(responses.extracted(text, asked.format))


class Unknown(ImgProcessingView):
    """Every other address below `/v1/images/`."""

    scopes = dict.fromkeys(("get", "post", "put", "patch", "delete"), OPEN)

    def get(self, request: Request, **named: str) -> HttpResponseBase:
        raise HostingError("not_found.endpoint")

    post = put = patch = delete = get
