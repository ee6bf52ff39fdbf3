"""Mails of moderation: a subject and a text of `templates/hosting/mail/`, in the language of who gets them."""

from __future__ import annotations

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import translation


def send(name: str, address: str, language: str, **context: object) -> None:
    """Send the mail `name`; language: "" for the site's own. A server that takes no mail is no error."""
    with translation.override(language or settings.LANGUAGE_CODE):
        values = {"site_name": settings.SITE_NAME, **context}
        subject = render_to_string(f"hosting/mail/{name}_subject.txt", values)
        body = render_to_string(f"hosting/mail/{name}.txt", values)
    EmailMessage(" ".join(subject.split()), body, to=[address]).send(fail_silently=True)
