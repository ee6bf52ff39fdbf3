"""A device that holds a passkey, in software: it answers what a site asks of navigator.credentials."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import (
    Aaguid,
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

FLAG = AuthenticatorData.FLAG
NONE = FLAG(0)


@dataclass
class Device:
    """A phone with one passkey for the site at `origin`, which has checked its owner's fingerprint."""

    origin: str = "http://localhost"
    rp_id: str = "localhost"
    flags: FLAG = FLAG.UP | FLAG.UV
    user: str = ""
    id: bytes = field(default_factory=lambda: secrets.token_bytes(16))
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )

    def create(self, options: dict[str, Any], *, alone: bool = True) -> dict[str, Any]:
        """Make the passkey; alone: whether it is kept so that it can be found without the user's name."""
        public = options["publicKey"]
        self.user = public["user"]["id"]
        made = AttestedCredentialData.create(
            Aaguid.NONE, self.id, ES256.from_cryptography_key(self.key.public_key())
        )
        attested = AttestationObject.create("none", self._data(FLAG.AT, made), {})
        response = {
            "clientDataJSON": self._said("webauthn.create", public),
            "attestationObject": websafe_encode(bytes(attested)),
        }
        return self._credential(response, {"credProps": {"rk": alone}})

    def get(self, options: dict[str, Any]) -> dict[str, Any]:
        """Sign the challenge."""
        said = self._said("webauthn.get", options["publicKey"])
        data = self._data()
        told = data + hashlib.sha256(websafe_decode(said)).digest()
        response = {
            "clientDataJSON": said,
            "authenticatorData": websafe_encode(data),
            "signature": websafe_encode(self.key.sign(told, ec.ECDSA(hashes.SHA256()))),
            "userHandle": self.user,
        }
        return self._credential(response, {})

    def _data(
        self, more: FLAG = NONE, made: AttestedCredentialData | None = None
    ) -> AuthenticatorData:
        site = hashlib.sha256(self.rp_id.encode()).digest()
        return AuthenticatorData.create(site, self.flags | more, 0, made or b"")

    def _said(self, type: str, public: dict[str, Any]) -> str:
        said = CollectedClientData.create(type, public["challenge"], self.origin)
        return websafe_encode(said)

    def _credential(self, response: dict[str, Any], results: dict[str, Any]) -> dict[str, Any]:
        return {
            "type": "public-key",
            "id": websafe_encode(self.id),
            "rawId": websafe_encode(self.id),
            "response": response,
            "clientExtensionResults": results,
        }
