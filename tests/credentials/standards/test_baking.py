import io
import json
import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from credentials.standards import baking
from credentials.standards.baking import BadPicture, Baked, NothingBaked, Standard

from .vectors import FOLDER

SAMPLES = FOLDER / "1edtech-samples"
JSON = json.dumps({"name": "Statistik für Ōkubo ]]> <&> 🎓"}, ensure_ascii=False)
JWS = "eyJhbGciOiJFUzI1NiJ9.eyJhIjoxfQ.c2lnbmF0dXJl"
XML = b'<?xml version="1.0" encoding="UTF-8"?>\n'
SVG = XML + b'<svg xmlns="http://www.w3.org/2000/svg" width="1"><title>a > b</title></svg>\n'


def drawing():
    picture = io.BytesIO()
    Image.effect_noise((64, 48), 60).save(picture, "PNG")
    return picture.getvalue()


PNG = drawing()


def chunk(kind, content):
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def with_chunk(kind, content, picture=PNG):
    return picture[:33] + chunk(kind, content) + picture[33:]


def kinds(picture):
    return [kind for kind, _, _ in baking._chunks(picture)]


@pytest.mark.parametrize("text", [JSON, JWS])
def test_a_png_gives_back_what_was_baked_into_it(text):
    baked = baking.bake_png(PNG, text)

    assert baking.unbake(baked) == Baked(Standard.OPEN_BADGES_3, text)
    assert kinds(baked).index(b"iTXt") == kinds(baked).index(b"IDAT") - 1
    with Image.open(io.BytesIO(baked)) as after, Image.open(io.BytesIO(PNG)) as before:
        assert after.tobytes() == before.tobytes()
        assert after.text["openbadgecredential"] == text


def test_baking_again_replaces():
    once = baking.bake_png(PNG, JSON)

    assert baking.bake_png(baking.bake_png(PNG, JWS), JSON) == once
    assert baking.bake_png(with_chunk(b"tEXt", b"openbadgecredential\0old"), JSON) == once


@pytest.mark.parametrize(
    ("name", "standard", "begins"),
    [
        ("ob30/simple-json.png", Standard.OPEN_BADGES_3, "{"),
        ("ob30/simple-jwt.png", Standard.OPEN_BADGES_3, "eyJ"),
        ("ob20/simple-badge.png", Standard.OPEN_BADGES_2, "{"),
        ("ob30/simple-json.svg", Standard.OPEN_BADGES_3, "{"),
        ("ob30/simple-jwt.svg", Standard.OPEN_BADGES_3, "eyJ"),
        ("ob30/simple-jwt_v1.svg", Standard.OPEN_BADGES_3, "eyJ"),
    ],
)
def test_the_samples_of_1edtech_are_read(name, standard, begins):
    baked = baking.unbake((SAMPLES / name).read_bytes())

    assert baked.standard is standard
    assert baked.text.startswith(begins)
    if begins == "{":
        assert json.loads(baked.text)["type"]


@pytest.mark.parametrize("name", ["ob30/simple-json.svg", "ob30/simple-jwt.svg"])
@pytest.mark.parametrize("text", [JSON, JWS])
def test_a_baked_svg_of_others_is_baked_anew(name, text):
    baked = baking.bake_svg((SAMPLES / name).read_bytes(), text)

    assert baking.unbake(baked) == Baked(Standard.OPEN_BADGES_3, text)
    assert baked.count(b"<openbadges:credential") == 1


@pytest.mark.parametrize("text", [JSON, JWS])
@pytest.mark.parametrize(
    "picture",
    [
        SVG,
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"<s:svg xmlns:s='http://www.w3.org/2000/svg' a='>'><s:g/></s:svg>",
        b'<svg xmlns:o="https://purl.imsglobal.org/ob/v3p0"><o:credential verify="a.b.c"/><g/></svg>',
        b'<svg xmlns:o="https://purl.imsglobal.org/ob/v3p0"><g/><o:credential verify="a.b.c" /></svg>',
        b'<!-- <svg> --><svg xmlns="http://www.w3.org/2000/svg"><!-- x --><g/></svg>',
    ],
)
def test_an_svg_gives_back_what_was_baked_into_it(picture, text):
    baked = baking.bake_svg(picture, text)

    assert baking.unbake(baked) == Baked(Standard.OPEN_BADGES_3, text)
    assert baking.bake_svg(baked, text) == baked


def test_other_bytes_of_an_svg_stay():
    baked = baking.bake_svg(SVG, JWS)

    namespace = b' xmlns:openbadges="https://purl.imsglobal.org/ob/v3p0"'
    element = f'<openbadges:credential verify="{JWS}"/>'.encode()
    assert baked.replace(namespace, b"").replace(element, b"") == SVG


@given(
    st.text(st.characters(exclude_categories=("Cc", "Cs", "Cn")), min_size=1).map(
        lambda text: json.dumps([text], ensure_ascii=False)
    )
)
def test_any_json_survives_baking(text):
    assert baking.unbake(baking.bake_png(PNG, text)).text == text
    assert baking.unbake(baking.bake_svg(SVG, text)).text == text


def test_older_and_other_forms_are_read():
    url = "https://example.org/assertions/1"
    legacy = with_chunk(b"tEXt", b"openbadges\0" + url.encode())
    assert baking.unbake(legacy) == Baked(Standard.OPEN_BADGES_2, url)
    clr = with_chunk(b"iTXt", b"clrcredential\0\0\0\0\0{}")
    assert baking.unbake(clr) == Baked(Standard.CLR_2, "{}")
    element = b'<o:assertion verify="https://example.org/1"><![CDATA[ ]]></o:assertion>'
    svg = b'<svg xmlns:o="http://openbadges.org">' + element + b"</svg>"
    assert baking.unbake(svg) == Baked(Standard.OPEN_BADGES_2, "https://example.org/1")
    # What was baked by another standard goes, like one by the same.
    assert baking.unbake(baking.bake_png(legacy, JSON)) == Baked(Standard.OPEN_BADGES_3, JSON)
    assert baking.unbake(baking.bake_svg(svg, JSON)) == Baked(Standard.OPEN_BADGES_3, JSON)


OLD = b'<o:assertion xmlns:o="http://openbadges.org" verify="https://example.org/1"/>'


@pytest.mark.parametrize(
    "picture",
    [
        with_chunk(b"tEXt", b"openbadges\0https://example.org/1", baking.bake_png(PNG, JSON)),
        with_chunk(b"iTXt", b"clrcredential\0\0\0\0\0{}", baking.bake_png(PNG, JSON)),
        baking.bake_svg(SVG, JSON).replace(b"</svg>", OLD + b"</svg>"),
        baking.bake_svg(SVG, JSON).replace(b"</svg>", b"<g>" + OLD + b"</g></svg>"),
    ],
)
def test_a_picture_that_holds_two_credentials_is_refused_of_whatever_standards_they_are(picture):
    with pytest.raises(BadPicture, match="two credentials"):
        baking.unbake(picture)


@pytest.mark.parametrize(
    "picture", [PNG, SVG, with_chunk(b"tEXt", b"Comment\0hello"), with_chunk(b"tEXt", b"openbadges")]
)
def test_a_picture_without_a_credential_says_so(picture):
    with pytest.raises(NothingBaked):
        baking.unbake(picture)


CREDENTIAL = b"openbadgecredential\0\0\0\0\0{}"


@pytest.mark.parametrize(
    "picture",
    [
        b"",
        b"GIF89a",
        PNG[:-5],
        PNG[:40],
        PNG + b"more",
        PNG[:8] + PNG[33:],
        PNG[:8] + struct.pack(">I4s", 2**31, b"IHDR") + PNG[16:],
        with_chunk(b"iTXt", CREDENTIAL, with_chunk(b"iTXt", CREDENTIAL)),
        with_chunk(b"zTXt", b"openbadgecredential\0\0" + zlib.compress(b"{}")),
        with_chunk(b"tEXt", b"openbadgecredential\0{}"),
        with_chunk(b"iTXt", b"openbadgecredential\0\1\0\0\0" + zlib.compress(b"{}")),
        with_chunk(b"iTXt", b"openbadgecredential\0\0\0\0"),
        with_chunk(b"iTXt", b"openbadgecredential\0\0\0\0\0"),
        with_chunk(b"iTXt", b"openbadgecredential\0\0\0\0\0\xff"),
        with_chunk(b"iTXt", b"openbadgecredential\0\0\0\0\0a\0b"),
        with_chunk(b"iTXt", b"openbadgecredential\0\0\0\0\0" + b"x" * 1_000_001),
        with_chunk(b"iTXt", CREDENTIAL).replace(b"\0{}", b"\0[]"),
        PNG[:33] + chunk(b"tEXt", b"a\0b") * 10_000 + PNG[33:],
        PNG[:33] + chunk(b"IHDR", bytes(13)) + PNG[33:],
        b"x" * 6_000_001,
    ],
)
def test_an_unsound_picture_is_refused(picture):
    with pytest.raises(BadPicture):
        baking.unbake(picture)


NS = b'xmlns="http://www.w3.org/2000/svg" xmlns:openbadges="https://purl.imsglobal.org/ob/v3p0"'


@pytest.mark.parametrize(
    "picture",
    [
        b"<svg>",
        b"<html/>",
        b"<svg "
        + NS
        + b"><openbadges:credential>a</openbadges:credential><openbadges:credential>b</openbadges:credential></svg>",
        b"<svg " + NS + b"><openbadges:credential><g/></openbadges:credential></svg>",
        b'<!DOCTYPE svg [<!ENTITY a "b">]><svg ' + NS + b"><openbadges:credential>&a;</openbadges:credential></svg>",
        b'<!DOCTYPE svg [<!ENTITY % a SYSTEM "file:///etc/passwd"> %a;]><svg ' + NS + b"/>",
        b'<!DOCTYPE svg SYSTEM "a.dtd"><svg ' + NS + b"><openbadges:credential>&a;</openbadges:credential></svg>",
        b"<!DOCTYPE svg []><svg " + NS + b"/>",
        '<?xml version="1.0" encoding="UTF-16"?><svg/>'.encode("utf-16"),
        b'<?xml version="1.0" encoding="latin-1"?><svg>\xe4</svg>',
        b"<svg " + NS + b"><openbadges:credential>" + b"x" * 1_000_001 + b"</openbadges:credential></svg>",
        b"<svg " + NS + b' xmlns:long="' + b"u" * 400_000 + b'">' + b"<long:g/>" * 90_000 + b"</svg>",
    ],
)
def test_an_unsound_svg_is_refused(picture):
    with pytest.raises(BadPicture):
        baking.unbake(picture)


def test_a_credential_deeper_in_an_svg_is_not_taken():
    with pytest.raises(NothingBaked):
        baking.unbake(b"<svg " + NS + b"><g><openbadges:credential>{}</openbadges:credential></g></svg>")


def test_what_cannot_be_baked_is_refused():
    for text in ("", "a\0b", "x" * 1_000_001):
        with pytest.raises(ValueError, match="credential"):
            baking.bake_png(PNG, text)
        with pytest.raises(ValueError, match="credential"):
            baking.bake_svg(SVG, text)
    with pytest.raises(BadPicture):
        baking.bake_svg(SVG, '"\ufffe"')
    with pytest.raises(BadPicture):
        baking.bake_svg(b'<svg xmlns:openbadges="http://openbadges.org"/>', JSON)
    with pytest.raises(BadPicture):
        baking.bake_png(PNG[:33] + chunk(b"IEND", b""), JSON)
