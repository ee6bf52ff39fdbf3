"""What people do with a page: sign up, sign in, make a key, drop files and paste them."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass

from playwright.sync_api import Page, expect

from tests import pictures

PASSWORD = "correct horse battery staple"

# A DataTransfer that holds files, as a drop and a paste bring it.
CARRY = """files => {
  const transfer = new DataTransfer();
  for (const file of files) {
    const bytes = Uint8Array.from(atob(file.body), letter => letter.charCodeAt(0));
    transfer.items.add(new File([bytes], file.name, {type: file.mime}));
  }
  return transfer;
}"""
PASTE = """transfer => document.dispatchEvent(
  new ClipboardEvent("paste", {clipboardData: transfer, bubbles: true, cancelable: true}))"""


@dataclass(frozen=True)
class Picture:
    """A file in somebody's hand."""

    name: str
    mime: str
    body: bytes

    def chosen(self) -> dict[str, object]:
        """As Playwright's `set_input_files` takes it."""
        return {"name": self.name, "mimeType": self.mime, "buffer": self.body}

    def carried(self) -> dict[str, str]:
        return {"name": self.name, "mime": self.mime, "body": base64.b64encode(self.body).decode()}


def picture(name: str = "photo.jpg", width: int = 640, height: int = 480, seed: int = 7) -> Picture:
    """A JPEG like a photo; every seed is another one."""
    body = pictures.saved(pictures.texture(width, height, seed), "JPEG", quality=85)
    return Picture(name, "image/jpeg", body)


def drop(page: Page, target: str, *files: Picture) -> None:
    """Drag files from another window over `target` (a selector) and let go."""
    carried = page.evaluate_handle(CARRY, [file.carried() for file in files])
    for event in ("dragenter", "dragover", "drop"):
        page.dispatch_event(target, event, {"dataTransfer": carried})


def paste(page: Page, *files: Picture) -> None:
    """Paste files that were copied elsewhere."""
    page.evaluate(PASTE, page.evaluate_handle(CARRY, [file.carried() for file in files]))


def sign_up(page: Page, name: str) -> None:
    """Make an account by the page for it, and be signed in."""
    page.goto("/account/signup/")
    page.get_by_label("Email").fill(f"{name}@example.org")
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Password (again)").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign up").click()
    expect(page.get_by_text(name, exact=True).first).to_be_visible()


def sign_in(page: Page, name: str, password: str = PASSWORD) -> None:
    """Sign in with an account that there is."""
    page.goto("/account/login/")
    page.get_by_label("Username or email").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("main").get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_text(name, exact=True).first).to_be_visible()


def make_key(page: Page, name: str = "My script") -> str:
    """Make an API key, and return it as the page shows it."""
    page.goto("/settings/keys")
    page.get_by_label("Name").fill(name)
    page.get_by_role("button", name="Create a key").click()
    return page.get_by_label("Key", exact=True).first.input_value()


def upload(page: Page, *files: Picture, album: str = "") -> None:
    """Upload from the home page, and wait until the links are there."""
    page.goto("/")
    page.locator("main input[type=file]").first.set_input_files([file.chosen() for file in files])
    if album:
        page.get_by_text("Options", exact=True).first.click()
        page.get_by_label("Album").first.select_option(label=album)
    page.get_by_role("main").get_by_role("button", name="Upload", exact=True).click()
    links = page.get_by_role("textbox", name="Viewer").first
    expect(links).to_have_value(re.compile(rf"^(http\S+\s*){{{len(files)}}}$"))
