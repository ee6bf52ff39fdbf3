"""Every API on a site as operators run it: `manage.py serve`, with its supervisor, workers and scheduler.

What each API answers is looked at in tests/api, on a lighter site.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO

import pytest
from PIL import Image

from tests import pictures
from tests.api.img_processing.conftest import Api
from tests.api.imghippo.test_heavy_work import product, send_product
from tests.api.imgsmaller.conftest import picture_of
from tests.live import Site

pytestmark = [pytest.mark.live, pytest.mark.slow]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with Site(tmp_path_factory.mktemp("served") / "data") as running:
        yield running


@pytest.fixture(scope="module")
def key(site: Site) -> str:
    return site.manage("create_api_key", "alice").strip()


def size_at(site: Site, url: str) -> tuple[int, int]:
    """The size of the picture there."""
    answer = site.get(url)
    assert answer.status == 200, url
    return Image.open(BytesIO(answer.data)).size


def test_chevereto_stores_a_picture_and_serves_it(site: Site, key: str) -> None:
    fields = {"source": ("a.jpg", pictures.photo(90, 60)), "key": key}
    answer = site.post("/api/1/upload", fields=fields)
    assert answer.status == 200, answer.text
    assert size_at(site, answer.json()["image"]["url"]) == (90, 60)


def test_imghippo_waits_for_the_heavy_worker(site: Site, key: str) -> None:
    answer = send_product(site, key)
    assert answer.status == 200, answer.text
    (item,) = answer.json()["data"]
    assert size_at(site, item["output_url"]) == Image.open(BytesIO(product())).size


def test_imgsmaller_hands_a_job_to_the_worker(site: Site, key: str) -> None:
    fields = {"file": ("a.jpg", pictures.photo(300, 200)), "target_size": "5KB"}
    answer = site.post("/api/v1/compress", fields=fields, headers={"X-API-Key": key})
    assert len(picture_of(site, answer)) <= 5 * 1024


def test_img_processing_stores_changes_and_publishes(site: Site, key: str) -> None:
    api = Api(site, key)
    small = api.change(api.image(pictures.photo(80, 60)), "resize", width=40)
    assert api.pixels(small).size == (40, 30)
    assert size_at(site, api.change(small, "publish")["url"]) == (40, 30)


def test_the_native_api_stores_a_picture_and_describes_it(site: Site, key: str) -> None:
    headers = {"Authorization": f"Bearer {key}"}
    fields = {"file": ("a.png", pictures.png(30, 20))}
    made = site.post("/api/v2/files", fields=fields, headers=headers)
    assert made.status == 201, made.text
    read = site.get(f"/api/v2/files/{made.json()['id']}", headers=headers).json()
    assert (read["width"], read["height"]) == (30, 20)
