"""Where a site listens follows from the address that it is given."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.light import LightSite

pytestmark = [pytest.mark.live, pytest.mark.slow]


@dataclass
class Local(LightSite):
    """A site whose SITE_URL names one of this machine's own addresses."""

    host: str = ""

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"


@pytest.mark.parametrize("host", ["127.0.0.2", "[::1]"])
def test_a_site_listens_at_the_address_that_it_names_and_nowhere_else(
    tmp_path: Path, host: str
) -> None:
    with Local(tmp_path / "data", host=host) as site:
        page = site.get("/")
        assert page.status == 200
        assert f'rel="canonical" href="http://{host}:{site.port}/"' in page.text
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", site.port), timeout=5)
