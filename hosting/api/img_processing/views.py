"""The views of IMG Processing's API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from rest_framework.request import Request

from accounts import keys, quotas, rates
from accounts.errors import InvalidKey
from accounts.models import User
from accounts.rates import Window
from hosting import deletion, serving, visibility, visitors
from hosting.api.body import query_of
from hosting.api.dialect import DialectView
from hosting.api.img_processing import errors, images, requests, responses
from hosting.api.img_processing.images import Asker
from hosting.api.img_processing.operations import TRANSFORMATIONS
from hosting.api.img_processing.requests import read
from hosting.api.problems import Problem
from hosting.backends import imagine, vision
from hosting.errors import HostingError
from hosting.serving import Stored
from processing.ocr.reading import read_text

# mypy: disable-error-code="override"

TOLD = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")
# Of a processor's time; by the clock twice as many, within the minute that clients wait.
READING_SECONDS = 25
USAGE = "X-Image-Processing-Usage"


class ImgProcessingView(DialectView):
    """The base of this dialect's views: who asks is known and counted before anything else is done."""

    key_fields = ("api_key", "key")
    asker: Asker
    window: Window | None = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        self.refuse_other_methods(request)
        if request.method == "OPTIONS":
            super().initial(request, *args, **kwargs)
            return
        query = query_of(request._request)
        offered = [request.headers.get(name, "").strip() for name in self.key_headers]
        secret = next(filter(None, [*offered, *map(query.get, self.key_fields)]), "")
        # What is refused costs little: its body is read only where the key may stand in that alone.
        if secret:
            self._admit(request, secret)
        super().initial(request, *args, **kwargs)
        if not secret:
            self._admit(request, self.body.text(*self.key_fields))

    def _admit(self, request: Request, secret: str) -> None:
        caller = keys.identify(secret)
        if caller.key is None:
            raise InvalidKey
        self.asker = Asker(caller, visitors.address_of(request._request))
        self.window = rates.count_request(caller.key, rates.limit_of(caller))
        self.window.refuse_if_spent()

    @property
    def member(self) -> User:
        """Who asks."""
        user = self.asker.caller.user
        assert user is not None  # noqa: S101, a key has an owner
        return user

    def created(self, answer: Mapping[str, Any], *, counts: int = 1) -> HttpResponseBase:
        """The answer to what counts as one processed image, or as so many, on the live stage."""
        if not self.asker.is_test:
            quotas.count_images(self.member, counts)
        return JsonResponse(answer, status=201)

    def render_problem(self, problem: Problem) -> HttpResponseBase:
        status, answer = errors.render(problem)
        return JsonResponse(answer, status=status)

    def finalize_response(
        self, request: Request, response: HttpResponseBase, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        response = super().finalize_response(request, response, *args, **kwargs)
        response["Access-Control-Expose-Headers"] = ", ".join([*TOLD, USAGE, "Retry-After"])
        if self.window is not None:
            response["X-RateLimit-Limit"] = str(self.window.limit)
            response["X-RateLimit-Remaining"] = str(self.window.remaining)
            # As most APIs have it: the second, counted from 1970, in which a new minute begins.
            response["X-RateLimit-Reset"] = str(int(self.window.ends_at.timestamp()) + 1)
            if not self.asker.is_test:
                response[USAGE] = str(quotas.images_this_month(self.member))
        return response


class Images(ImgProcessingView):
    """`GET /v1/images`, the list; `POST`, an image from a URL."""

    http_method_names = ["get", "head", "post", "options"]

    def get(self, request: Request) -> HttpResponseBase:
        asked = read(requests.Page, self.body)
        found = images.page(self.asker, asked.take, asked.first)
        return JsonResponse(responses.page(found, asked.take))

    def post(self, request: Request) -> HttpResponseBase:
        asked = read(requests.FromUrl, self.body)
        source = requests.fetched_file(asked.url, self.asker.limits)
        return self.created(responses.image(images.take_in(self.asker, source, asked.name)))


class Upload(ImgProcessingView):
    """`POST /v1/images/upload`."""

    http_method_names = ["post", "options"]

    def post(self, request: Request) -> HttpResponseBase:
        source, name = requests.sent_file(self.body, self.asker.limits)
        return self.created(responses.image(images.take_in(self.asker, source, name)))


class Imagine(ImgProcessingView):
    """`POST /v1/images/imagine`."""

    http_method_names = ["post", "options"]

    def post(self, request: Request) -> HttpResponseBase:
        asked = read(requests.Imagined, self.body)
        imagine.refuse_if_not_configured()
        wish = asked.model_dump(exclude={"name"}, exclude_none=True)
        file = images.made_by_job(self.asker, "imagine", None, wish, asked.name)
        return self.created(responses.image(file))


class Image(ImgProcessingView):
    """`GET` and `DELETE /v1/images/{id}`."""

    http_method_names = ["get", "head", "delete", "options"]

    def get(self, request: Request, id: str) -> HttpResponseBase:
        return JsonResponse(responses.image(images.find(self.asker, id)))

    def delete(self, request: Request, id: str) -> HttpResponseBase:
        deletion.delete(images.find(self.asker, id))
        return HttpResponse(status=204)


class Download(ImgProcessingView):
    """`GET /v1/images/{id}/download`: the bytes, published or not."""

    http_method_names = ["get", "head", "options"]

    def get(self, request: Request, id: str) -> HttpResponseBase:
        file = images.find(self.asker, id)
        try:
            response = serving.respond(request._request, Stored.of(file))
        except FileNotFoundError as error:
            # Deleted in between.
            raise images.not_found(id) from error
        response["Content-Disposition"] = serving.attachment(file)
        return response


class Publish(ImgProcessingView):
    """`POST /v1/images/{id}/publish`: its direct link works from now on."""

    http_method_names = ["post", "options"]

    def post(self, request: Request, id: str) -> HttpResponseBase:
        file = visibility.publish(images.find(self.asker, id))
        return self.created(responses.image(file))


class Unpublish(ImgProcessingView):
    """`POST /v1/images/{id}/unpublish`: its direct link is dead from now on."""

    http_method_names = ["post", "options"]

    def post(self, request: Request, id: str) -> HttpResponseBase:
        file = visibility.unpublish(images.find(self.asker, id))
        return self.created(responses.image(file))


class Transform(ImgProcessingView):
    """Every endpoint of TRANSFORMATIONS."""

    http_method_names = ["post", "options"]

    def post(self, request: Request, id: str, step: str) -> HttpResponseBase:
        wanted = read(TRANSFORMATIONS[step], self.body)
        file = images.transform(self.asker, images.find(self.asker, id), wanted)
        return self.created(responses.image(file))


class RemoveBackground(ImgProcessingView):
    """`POST /v1/images/{id}/remove-background`."""

    http_method_names = ["post", "options"]

    def post(self, request: Request, id: str) -> HttpResponseBase:
        asked = read(requests.Derived, self.body)
        source = images.find(self.asker, id)
        name = asked.name or source.title
        file = images.made_by_job(self.asker, "remove-background", source, {}, name)
        return self.created(responses.image(file), counts=2)


class Classify(ImgProcessingView):
    """`POST /v1/images/{id}/classify`."""

    http_method_names = ["post", "options"]

    def post(self, request: Request, id: str) -> HttpResponseBase:
        data = images.content(images.find(self.asker, id))
        found = vision.classify(data, self.asker.limits)
        return self.created(responses.classification(found))


class Visualize(ImgProcessingView):
    """`POST /v1/images/{id}/visualize`: an answer to a question about it."""

    http_method_names = ["post", "options"]

    def post(self, request: Request, id: str) -> HttpResponseBase:
        asked = read(requests.Question, self.body)
        data = images.content(images.find(self.asker, id))
        text = vision.visualize(data, self.asker.limits, asked.prompt, asked.model or "")
        return self.created(responses.said(text))


class ExtractText(ImgProcessingView):
    """`POST /v1/images/{id}/extract-formatted-text`: what is written in it."""

    http_method_names = ["post", "options"]

    def post(self, request: Request, id: str) -> HttpResponseBase:
        asked = read(requests.TextForm, self.body)
        data = images.content(images.find(self.asker, id))
        text = read_text(
            data,
            self.asker.limits,
            format=asked.format,
            languages=settings.OCR_LANGUAGES,
            seconds=READING_SECONDS,
        )
        return self.created(responses.extracted(text, asked.format))


class Unknown(ImgProcessingView):
    """Every other address below `/v1/images/`."""

    def get(self, request: Request, **named: str) -> HttpResponseBase:
        raise HostingError("not_found", "There is no such endpoint.")

    post = put = patch = delete = get
