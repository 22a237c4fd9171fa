"""Files of learners: judged by what they hold, bounded, pictures made anew, kept under their hash."""

import hashlib
import io
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest
from PIL import Image, PngImagePlugin

from pathways import uploads
from pathways.uploads import EndingContradicts, FileKindRefused, FileTooLarge, FileUnreadable


def picture(form: str = "PNG", size: tuple[int, int] = (30, 20), **how: object) -> bytes:
    target = io.BytesIO()
    Image.new("RGB", size, "navy").save(target, form, **how)
    return target.getvalue()


def pdf(change: Callable[[pikepdf.Pdf], None] = lambda document: None, **how: object) -> bytes:
    target = io.BytesIO()
    with pikepdf.new() as document:
        document.add_blank_page()
        change(document)
        document.save(target, **how)
    return target.getvalue()


def store(content: bytes, name: str = "work") -> uploads.StoredFile:
    return uploads.store(io.BytesIO(content), name=name)


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (pdf(), "application/pdf"),
        (picture("PNG"), "image/png"),
        (picture("JPEG"), "image/jpeg"),
        (picture("WEBP"), "image/webp"),
        ("Spread says how far – things lie apart.".encode(), "text/plain"),
    ],
)
def test_a_file_is_kept_under_the_hash_of_what_it_holds(own_folder: Path, content: bytes, media_type: str) -> None:
    stored = store(content, name="whatever.work")
    kept = (own_folder / "files" / stored.path).read_bytes()
    assert stored.media_type == media_type
    assert stored.sha256 == hashlib.sha256(kept).hexdigest()
    assert stored.size == len(kept)
    assert store(content).path == stored.path


def test_a_picture_is_made_anew_without_what_was_hidden_in_it(own_folder: Path) -> None:
    words = PngImagePlugin.PngInfo()
    words.add_text("Comment", "where I live")
    stored = store(picture(pnginfo=words) + b"MZ and a program behind it", name="me.png")
    kept = (own_folder / "files" / stored.path).read_bytes()
    assert b"where I live" not in kept
    assert b"a program" not in kept


def test_more_than_five_megabytes_are_refused() -> None:
    with pytest.raises(FileTooLarge, match="is larger than 5 MB"):
        store(b"x" * (uploads.MAX_BYTES + 1), name="long.txt")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x7fELF\x02\x01\x01",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"  <html><body>page</body></html>",
        b"PK\x03\x04 a parcel",
        b"text with \0 in it",
        b"\xff\xfe not UTF-8",
        picture("GIF"),
    ],
)
def test_other_kinds_are_refused_whatever_their_name(content: bytes) -> None:
    with pytest.raises(FileKindRefused):
        store(content, name="work.pdf")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.pdf", b"not one"),
        ("A.PDF", picture()),
        ("notes.txt", pdf()),
        ("me.jpeg", picture("PNG")),
        ("essay.docx", b"What is left of it."),
        ("game.exe", pdf()),
    ],
)
def test_an_ending_that_contradicts_the_content_is_refused_and_nothing_kept(
    own_folder: Path, name: str, content: bytes
) -> None:
    with pytest.raises(EndingContradicts, match="save it again as a PDF"):
        store(content, name=name)
    assert not (own_folder / "files").exists()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.PDF", pdf()),
        ("me.JPG", picture("JPEG")),
        ("me.jpeg", picture("JPEG")),
        ("notes.md", b"# Notes"),
        ("table.csv", b"1,2"),
        ("notes", b"Without an ending."),
    ],
)
def test_an_ending_that_agrees_or_says_nothing_is_taken(name: str, content: bytes) -> None:
    assert store(content, name=name).size


def _script_at_opening(document: pikepdf.Pdf) -> None:
    document.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")


def _program_at_opening(document: pikepdf.Pdf) -> None:
    document.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.Launch, F="calc.exe")


def _named_script(document: pikepdf.Pdf) -> None:
    document.Root.Names = pikepdf.Dictionary(JavaScript=pikepdf.Dictionary(Names=[]))


def _script_of_a_page(document: pikepdf.Pdf) -> None:
    document.pages[0].obj.AA = pikepdf.Dictionary(O=pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="1"))


@pytest.mark.parametrize("change", [_script_at_opening, _program_at_opening, _named_script, _script_of_a_page])
def test_a_document_that_acts_by_itself_is_refused(change: Callable[[pikepdf.Pdf], None]) -> None:
    with pytest.raises(FileUnreadable):
        store(pdf(change))


def test_a_document_may_say_where_to_begin() -> None:
    def begin(document: pikepdf.Pdf) -> None:
        document.Root.OpenAction = pikepdf.Array([document.pages[0].obj, pikepdf.Name.Fit])

    assert store(pdf(begin)).media_type == "application/pdf"


@pytest.mark.parametrize(
    "content",
    [
        pdf()[:40],
        pdf(encryption=pikepdf.Encryption(user="secret", owner="secret")),
        picture()[:50],
        picture(size=(4097, 2)),
        picture(size=(3000, 3000)),
        picture("WEBP", save_all=True, append_images=[Image.new("RGB", (30, 20), "red")], duration=100),
    ],
    ids=["cut off", "locked", "half a picture", "too wide", "too many pixels", "moving"],
)
def test_what_is_damaged_locked_or_too_large_a_picture_is_refused_and_nothing_kept(
    own_folder: Path, content: bytes
) -> None:
    with pytest.raises(FileUnreadable):
        store(content)
    assert not (own_folder / "files").exists()
