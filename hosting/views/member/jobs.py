"""A member's own jobs: the list, one of them, cancelling and retrying it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from hosting.catalogue import listing
from hosting.errors import RETRYABLE, HostingError
from hosting.jobs import queue
from hosting.jobs.kinds import background_engine
from hosting.models import Job
from hosting.views.member import own

PAGE = 30

# The kinds of jobs in words for people, by the names in WORK.
LABELS = {
    "remove-background": gettext_lazy("Remove background"),
    "word-to-pdf": gettext_lazy("Word to PDF"),
    "compress": gettext_lazy("Compress to size"),
    "pipeline": gettext_lazy("Several steps"),
    "heavy-pipeline": gettext_lazy("Several steps"),
    "imagine": gettext_lazy("Generate an image"),
}


def _shown(job: Job) -> dict[str, Any]:
    """A job as pages show it."""
    result = job.result
    # What moderators withhold does not exist for its owner.
    if result is not None and (result.is_expired or result.withheld):
        result = None
    return {
        "job": job,
        "label": LABELS.get(job.kind, job.kind),
        "result": result,
        "name": job.placement.get("filename", ""),
        "can_retry": job.state == Job.State.FAILED
        and job.error_code in RETRYABLE
        and bool(job.source_path or not job.source_size),
    }


@login_required
@never_cache
@require_safe
def own_jobs(request: HttpRequest) -> HttpResponse:
    """The member's jobs, the newest first. While one is unfinished, the page reloads automatically."""
    rows = Job.objects.filter(owner=own.member(request)).select_related("result")
    try:
        page = listing.page(rows, cursor=request.GET.get("cursor", ""), size=PAGE)
    except HostingError as error:
        raise Http404 from error
    context = {
        "jobs": [_shown(job) for job in page.items],
        "next": page.next,
        "previous": page.previous,
        "unfinished": any(not job.is_ended for job in page.items),
    }
    return render(request, "hosting/dashboard/jobs.html", context)


@login_required
@never_cache
@require_safe
def own_job(request: HttpRequest, public_id: str) -> HttpResponse:
    """The progress and result of one job."""
    job = own.job(request, public_id)
    shown = _shown(job)
    if (result := shown["result"]) is not None:
        shown["result"] = own.files(own.member(request)).filter(pk=result.pk).first()
    context = {
        **shown,
        "unfinished": not job.is_ended,
        "engine": background_engine(job),
    }
    return render(request, "hosting/dashboard/job.html", context)


@login_required
@require_POST
def cancel_job(request: HttpRequest, public_id: str) -> HttpResponse:
    """Cancel an unfinished job."""
    job = own.job(request, public_id)
    if queue.cancel(job):
        messages.success(request, _("The job was cancelled."))
    else:
        messages.info(request, _("The job had already finished."))
    return redirect("own-job", public_id)


@login_required
@require_POST
def retry_job(request: HttpRequest, public_id: str) -> HttpResponse:
    """Retry a job that failed through no fault of its file."""
    job = own.job(request, public_id)
    if not queue.retry(job):
        messages.error(request, _("This job cannot be retried. Start a new one."))
    return redirect("own-job", public_id)
