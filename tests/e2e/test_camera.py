"""The camera of the page that checks, in a real browser: what it sees is a picture of ours, painted for it."""

import base64
from collections.abc import Callable
from typing import Any

import pytest

from credentials.models import Credential
from credentials.rendering import certificate
from tests.credentials.test_verification_files import code_picture
from tests.credentials.walked import in_a_pdf, shared
from tests.e2e.site import Window

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.one_database]

CAMERA = """navigator.mediaDevices.getUserMedia = async () => {
    const canvas = Object.assign(document.createElement("canvas"), { width: 640, height: 480 });
    const picture = Object.assign(new Image(), { src: "data:image/png;base64,PICTURE" });
    await picture.decode();
    const paint = () => canvas.getContext("2d").drawImage(picture, 60, 20);
    paint();
    setInterval(paint, 50);
    return canvas.captureStream(20);
};"""
NO_READER = "delete window.BarcodeDetector;"
READER = """window.BarcodeDetector = class {
    static async getSupportedFormats() { return ["qr_code"]; }
    async detect() { return [{ rawValue: "LINK" }]; }
};"""
REFUSED = """navigator.mediaDevices.getUserMedia = async () => { throw new DOMException("", "NotAllowedError"); };"""
FIRST_FRAME = "video => new Promise((seen) => video.requestVideoFrameCallback(seen))"
START = "Read the square code with the camera"


@pytest.fixture
def credential(site: str, monkeypatch: pytest.MonkeyPatch) -> Credential:
    monkeypatch.setattr(certificate, "render", in_a_pdf)
    monkeypatch.setattr("credentials.renditions.render_pngs", lambda ids, at: None)
    return shared()


def seeing(visitor: Window, *scripts: str) -> Any:
    for script in scripts:
        visitor.page.add_init_script(script)
    visitor.page.goto(f"{visitor.url}/verify/")
    visitor.press(START)
    return visitor.page


def test_a_code_before_the_camera_leads_to_the_credential(credential: Credential, window: Callable[..., Any]) -> None:
    camera = CAMERA.replace("PICTURE", base64.b64encode(code_picture(credential.page_url, scale=8)).decode())

    reading = seeing(window(), camera, READER.replace("LINK", credential.page_url))
    reading.wait_for_url(f"**/c/{credential.code}/")

    # Where the browser reads no codes, the picture is sent and read here.
    sending = window()
    seeing(sending, camera, NO_READER).locator("video").evaluate(FIRST_FRAME)
    sending.press("Take the picture")
    sending.page.get_by_text("This credential is valid.").wait_for()

    refused = seeing(window(), REFUSED)
    refused.get_by_text("was not allowed to use the camera").wait_for()
    assert refused.get_by_role("button", name=START).is_visible()
