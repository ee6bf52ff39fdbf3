"""The files in a bucket: public ones fetched from it, guarded ones by a signed address after the check."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import boto3
import pytest
from moto.server import ThreadedMotoServer
from PIL import Image

from tests.api.chevereto.conftest import fresh_jpeg
from tests.live import Site, free_port

pytestmark = [pytest.mark.live, pytest.mark.slow]

# What an operator says of the bucket: the public area is everybody's, the guarded one nobody's.
POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": "*",
            "Action": "s3:GetObject",
            "Resource": "arn:aws:s3:::pictures/public/*",
        }
    ],
}
KEYS = {"S3_ACCESS_KEY": "testing", "S3_SECRET_KEY": "testing", "S3_REGION": "us-east-1"}


@pytest.fixture(scope="module")
def bucket() -> Iterator[str]:
    """The address of a fresh bucket."""
    port = free_port()
    server = ThreadedMotoServer("127.0.0.1", port, verbose=False)
    server.start()
    endpoint = f"http://127.0.0.1:{port}"
    client = boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
    )
    client.create_bucket(Bucket="pictures")
    client.put_bucket_policy(Bucket="pictures", Policy=json.dumps(POLICY))
    yield endpoint
    server.stop()


@pytest.fixture(scope="module")
def site(bucket: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site that keeps its files there."""
    with Site(
        tmp_path_factory.mktemp("bucket") / "data",
        env={
            "FILES_STORAGE": "s3",
            "FILES_URL": f"{bucket}/pictures/public",
            "S3_BUCKET": "pictures",
            "S3_ENDPOINT": bucket,
            **KEYS,
        },
    ) as running:
        yield running


@pytest.fixture(scope="module")
def key(site: Site) -> str:
    return site.manage("create_api_key", "alice").strip()


def uploaded(site: Site, key: str, **fields: str) -> dict[str, str]:
    sent = {"source": ("a.jpg", fresh_jpeg(900, 600)), **fields}
    return site.post("/api/1/upload", fields=sent, headers={"X-API-Key": key}).json()["image"]


def test_a_bucket_with_the_documented_policy_is_ready(site: Site) -> None:
    assert site.get("/readyz").status == 200
    assert "Not ready" not in site.log
    # What was written to try it is gone.
    assert site.manage("find_orphans", "--dry-run").strip() == "0 found."


def test_public_links_lead_to_the_bucket_and_carry_the_right_type(
    site: Site, bucket: str, key: str
) -> None:
    image = uploaded(site, key)
    assert image["url"].startswith(f"{bucket}/pictures/public/images/")
    for name in ("image", "thumb", "medium"):
        answer = site.get(image[name]["url"])
        assert answer.headers["Content-Type"] == "image/jpeg"
        assert "immutable" in answer.headers["Cache-Control"]
        Image.open(BytesIO(answer.data)).load()
    path = image["url"].removeprefix(f"{bucket}/pictures/public")
    assert site.get(path).status in {200, 302}


def test_an_expiring_file_is_reached_by_a_signed_address(site: Site, bucket: str, key: str) -> None:
    image = uploaded(site, key, expiration="PT5M")
    assert image["url"].startswith(f"{site.url}/images/")
    answer = site.get(image["url"])
    assert answer.status == 302
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert "X-Amz-Signature" in answer.headers["Location"]
    assert "/guarded/" in answer.headers["Location"]
    signed = site.get(answer.headers["Location"])
    assert (signed.status, signed.headers["Cache-Control"]) == (200, "private, no-cache")
    assert site.get(answer.headers["Location"].partition("?")[0]).status == 403


def test_a_private_file_is_linked_to_where_its_owner_gets_it(
    site: Site, bucket: str, key: str
) -> None:
    headers = {"X-API-Key": key}
    sent = {"file": ("a.jpg", fresh_jpeg(900, 600)), "privacy": "private"}
    file = site.post("/api/v2/files", fields=sent, headers=headers).json()
    assert file["url"].startswith(f"{site.url}/images/")
    assert site.get(file["url"]).status == 404
    again = site.get(f"/api/v2/files/{file['id']}", headers=headers).json()
    assert again["url"] == file["url"]
    assert again["thumb_url"].startswith(f"{site.url}/images/")


def test_deleting_takes_every_object_out_of_the_bucket(site: Site, bucket: str, key: str) -> None:
    image = uploaded(site, key)
    assert site.post(image["delete_url"]).status == 200
    for name in ("image", "thumb", "medium"):
        assert site.get(image[name]["url"]).status in {403, 404}


def test_closing_and_opening_move_every_object_with_the_headers_that_belong_there(
    site: Site, bucket: str, key: str
) -> None:
    image = uploaded(site, key)
    path = image["url"].removeprefix(f"{bucket}/pictures/public")
    headers = {"X-API-Key": key, "Content-Type": "application/json"}
    asked = f"/api/v2/files/{image['id_encoded']}"
    with ThreadPoolExecutor(3) as pool:
        body = b'{"privacy": "private"}'
        closing = [
            pool.submit(site.request, "PATCH", asked, body=body, headers=headers) for _ in range(3)
        ]
        assert [one.result().status for one in closing] == [200, 200, 200]
    for name in ("image", "thumb", "medium"):
        assert site.get(image[name]["url"]).status in {403, 404}
    owned = site.get(f"/api/v2/files/{image['id_encoded']}", headers={"X-API-Key": key})
    assert owned.json()["privacy"] == "private"
    assert site.get(path).status == 404

    body = b'{"privacy": "unlisted"}'
    assert site.request("PATCH", asked, body=body, headers=headers).status == 200
    for name in ("image", "thumb", "medium"):
        answer = site.get(image[name]["url"])
        assert (answer.status, answer.headers["Content-Type"]) == (200, "image/jpeg")
        assert "immutable" in answer.headers["Cache-Control"]
    assert site.manage("find_orphans", "--dry-run").strip() == "0 found."


def test_nothing_of_the_files_is_on_the_sites_own_disk(site: Site, key: str) -> None:
    uploaded(site, key)
    folder = site.folder / "files"
    assert not folder.exists() or not [path for path in folder.rglob("*") if path.is_file()]
    assert site.temporary() == []


def test_a_variant_is_made_anew_at_its_address(site: Site, key: str) -> None:
    image = uploaded(site, key)
    before = site.get(image["medium"]["url"])
    site.shell(
        "from hosting.models import Variant\n"
        "from hosting.storage import objects\n"
        "path = Variant.objects.filter(name='medium').latest('pk').path\n"
        "objects.overwrite('public', path, b'old bytes')\n"
    )
    assert site.get(image["medium"]["url"]).data == b"old bytes"
    site.manage("rebuild_variants", "--here", "--only", "medium")
    after = site.get(image["medium"]["url"])
    assert (after.status, after.data) == (200, before.data)
    assert after.headers["Content-Type"] == "image/jpeg"
    assert "immutable" in after.headers["Cache-Control"]
    assert site.manage("find_orphans", "--dry-run").strip() == "0 found."
