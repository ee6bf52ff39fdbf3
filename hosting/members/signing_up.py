"""Who may sign up: nobody from a banned network, nor with an address of a banned mail domain."""

from __future__ import annotations

from allauth.socialaccount.models import SocialLogin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts.adapter import AccountAdapter
from accounts.client_ip import address_of
from accounts.external import ExternalAccountAdapter
from hosting.admission import mail_domains, networks

# Where an address becomes a member's; a password can be reset from everywhere.
NEW_ADDRESSES = frozenset(
    {"account_signup", "account_email", "account_change_email", "socialaccount_signup"}
)


class SiteAccountAdapter(AccountAdapter):
    """The site's accounts, with its bans: they hold for new accounts and for new addresses of existing ones."""

    def clean_email(self, email: str) -> str:
        email = super().clean_email(email)
        match = self.request.resolver_match if self.request is not None else None
        if match is None or match.url_name not in NEW_ADDRESSES:
            return email
        if networks.is_banned(address_of(self.request)):
            raise ValidationError(_("Nobody can sign up from your network."))
        if mail_domains.is_banned(email):
            raise ValidationError(_("Addresses of this email domain are not accepted here."))
        return email


class SiteExternalAccountAdapter(ExternalAccountAdapter):
    """Accounts of the provider, with the site's bans: whoever has one already signs in all the same."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        if networks.is_banned(address_of(request)):
            return False
        addresses = {one.email for one in sociallogin.email_addresses} | {sociallogin.user.email}
        if any(mail_domains.is_banned(email) for email in addresses if email):
            return False
        return super().is_open_for_signup(request, sociallogin)
