"""The base of this API's views."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import JsonResponse
from django.http.response import HttpResponseBase
from rest_framework.request import Request

from accounts import client_ip, quotas, rates
from accounts.errors import InvalidKey
from accounts.models import User
from accounts.rates import Window
from hosting.api.engines import ENGINE
from hosting.api.img_processing import errors
from hosting.api.img_processing.stage import Stage
from hosting.api.problems import LIMIT_HEADERS, Problem
from hosting.api.view import DialectView, refuse_without_turn

# mypy: disable-error-code="override"

RATE_HEADERS = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")


USAGE = "X-Image-Processing-Usage"


class ImgProcessingView(DialectView):
    """The base of this dialect's views: the caller is identified and counted before anything else."""

    key_fields = ("api_key", "key")
    stage: Stage
    window: Window | None = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        self.refuse_other_methods(request)
        refuse_without_turn(request)
        if request.method == "OPTIONS":
            super().initial(request, *args, **kwargs)
            return
        secret = self.offered(request)
        # Refusals stay cheap: the body is read first only where it is the only place for the key.
        if secret:
            self._admit(request, secret)
        super().initial(request, *args, **kwargs)
        if not secret:
            self._admit(request, self.body.text(*self.key_fields))

    def _admit(self, request: Request, secret: str) -> None:
        caller = self.admit(request, secret)
        if caller.key is None:
            raise InvalidKey
        self._known = secret, caller
        self.stage = Stage(caller, client_ip.address_of(request._request))
        self.window = rates.count_request(caller.key, rates.limit_of(caller))
        self.window.refuse_if_spent()
        self.refuse_work(request, caller)

    @property
    def member(self) -> User:
        """The caller."""
        user = self.stage.caller.user
        assert user is not None  # noqa: S101, a key has an owner
        return user

    def created(self, answer: Mapping[str, Any], *, counts: int = 1) -> HttpResponseBase:
        """The answer to a request that counts as one or more processed images on the live stage."""
        if not self.stage.is_test:
            quotas.count_images(self.member, counts)
        return JsonResponse(answer, status=201)

    def render_problem(self, problem: Problem) -> HttpResponseBase:
        status, answer = errors.render(problem)
        return JsonResponse(answer, status=status)

    def finalize_response(
        self, request: Request, response: HttpResponseBase, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        response = super().finalize_response(request, response, *args, **kwargs)
        response["Access-Control-Expose-Headers"] = ", ".join(
            [*RATE_HEADERS, USAGE, LIMIT_HEADERS, ENGINE]
        )
        if self.window is not None:
            response["X-RateLimit-Limit"] = str(self.window.limit)
            response["X-RateLimit-Remaining"] = str(self.window.remaining)
            # As most APIs have it: the second, counted from 1970, in which a new minute begins.
            response["X-RateLimit-Reset"] = str(int(self.window.ends_at.timestamp()) + 1)
            if not self.stage.is_test:
                response[USAGE] = str(quotas.images_this_month(self.member))
        return response
