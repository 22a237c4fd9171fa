"""Asks fontconfig which fonts this machine has: which character none of them draws, and which file draws a text.

Bound by hand, since the certificate, the badge and the check before them all ask, and WeasyPrint may be absent.
"""

import ctypes
import sys
import unicodedata
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

_LIBRARIES = ("libfontconfig.so.1", "libfontconfig.1.dylib", "libfontconfig-1.dll")
_MATCH_PATTERN, _SET_SYSTEM = 0, 0

# Drawn by no glyph of their own: controls, joiners, marks of direction, variation selectors.
_UNSEEN = ("Cc", "Cf", "Zs", "Zl", "Zp", "Cs")


def missing_glyphs(text: str) -> str:
    """Those characters of the text, each once and in order, that no installed font can draw.

    Without fontconfig nothing is known, and everything counts as there: the renderer is missing then as well.
    """
    if _coverage() is None:
        return ""
    return "".join(character for character in dict.fromkeys(text) if _is_missing(character))


# Asked for every letter of every certificate; the fonts come with a restart.
@lru_cache(8192)
def _is_missing(character: str) -> bool:
    covered = _coverage()
    assert covered is not None  # noqa: S101 - the caller has looked
    library, charset = covered
    return _is_seen(character) and not library.FcCharSetHasChar(charset, ord(character))


@lru_cache(1024)
def font_file(characters: str, family: str, *, bold: bool = False, language: str = "") -> tuple[str, int] | None:
    """The path and face number of the installed font that draws most of these characters, nearest to the family."""
    library = _fontconfig()
    if library is None:
        return None
    pattern = library.FcPatternCreate()
    wanted = library.FcCharSetCreate()
    try:
        for character in characters:
            if _is_seen(character):
                library.FcCharSetAddChar(wanted, ord(character))
        library.FcPatternAddCharSet(pattern, b"charset", wanted)
        library.FcPatternAddString(pattern, b"family", family.encode())
        library.FcPatternAddInteger(pattern, b"weight", 200 if bold else 80)
        library.FcPatternAddBool(pattern, b"scalable", 1)
        # Colour fonts hold pictures, not outlines.
        library.FcPatternAddBool(pattern, b"color", 0)
        if language:
            library.FcPatternAddString(pattern, b"lang", language.encode())
        library.FcConfigSubstitute(None, pattern, _MATCH_PATTERN)
        library.FcDefaultSubstitute(pattern)
        found = library.FcFontMatch(None, pattern, ctypes.byref(ctypes.c_int()))
        if not found:
            return None
        try:
            path, face = ctypes.c_char_p(), ctypes.c_int()
            if library.FcPatternGetString(found, b"file", 0, ctypes.byref(path)) or not path.value:
                return None
            library.FcPatternGetInteger(found, b"index", 0, ctypes.byref(face))
            return path.value.decode(), face.value & 0xFFFF
        finally:
            library.FcPatternDestroy(found)
    finally:
        library.FcCharSetDestroy(wanted)
        library.FcPatternDestroy(pattern)


@dataclass(frozen=True)
class Found:
    """A face of a font file: all names of its family, and its weight as in CSS, 0 for a font of many weights."""

    path: str
    index: int
    families: tuple[str, ...]
    weight: int


@lru_cache(512)
def face_of(family: str, *, weight: int, language: str = "") -> Found | None:
    """The installed face nearest to a family and a weight (as in CSS); its own names tell whether it is that family."""
    library = _fontconfig()
    if library is None:
        return None
    pattern = library.FcPatternCreate()
    library.FcPatternAddString(pattern, b"family", family.encode())
    library.FcPatternAddInteger(pattern, b"weight", library.FcWeightFromOpenType(weight))
    library.FcPatternAddBool(pattern, b"scalable", 1)
    if language:
        library.FcPatternAddString(pattern, b"lang", language.encode())
    library.FcConfigSubstitute(None, pattern, _MATCH_PATTERN)
    library.FcDefaultSubstitute(pattern)
    found = library.FcFontMatch(None, pattern, ctypes.byref(ctypes.c_int()))
    library.FcPatternDestroy(pattern)
    if not found:
        return None
    try:
        path, face, heavy = ctypes.c_char_p(), ctypes.c_int(), ctypes.c_int()
        if library.FcPatternGetString(found, b"file", 0, ctypes.byref(path)) or not path.value:
            return None
        library.FcPatternGetInteger(found, b"index", 0, ctypes.byref(face))
        library.FcPatternGetInteger(found, b"weight", 0, ctypes.byref(heavy))
        families: list[str] = []
        name = ctypes.c_char_p()
        while not library.FcPatternGetString(found, b"family", len(families), ctypes.byref(name)) and name.value:
            families.append(name.value.decode())
        # The upper half of the number names an instance of a font of many weights.
        weight_found = 0 if face.value >> 16 else library.FcWeightToOpenType(heavy)
        return Found(path.value.decode(), face.value & 0xFFFF, tuple(families), weight_found)
    finally:
        library.FcPatternDestroy(found)


def _is_seen(character: str) -> bool:
    return unicodedata.category(character) not in _UNSEEN and not 0xFE00 <= ord(character) <= 0xFE0F


class _FontSet(ctypes.Structure):
    _fields_ = (
        ("nfont", ctypes.c_int),
        ("sfont", ctypes.c_int),
        ("fonts", ctypes.POINTER(ctypes.c_void_p)),
    )


@cache
def _coverage() -> tuple[Any, ctypes.c_void_p] | None:
    """Every character that some installed font has; read once, since fonts come with a restart."""
    library = _fontconfig()
    if library is None:
        return None
    installed = library.FcConfigGetFonts(None, _SET_SYSTEM)
    if not installed:
        return None
    union = ctypes.c_void_p(library.FcCharSetCreate())
    changed = ctypes.c_int()
    for i in range(installed.contents.nfont):
        charset = ctypes.c_void_p()
        if not library.FcPatternGetCharSet(installed.contents.fonts[i], b"charset", 0, ctypes.byref(charset)):
            library.FcCharSetMerge(union, charset, ctypes.byref(changed))
    return library, union


@cache
def _fontconfig() -> Any:
    library = None
    names = (f"/opt/homebrew/lib/{_LIBRARIES[1]}", *_LIBRARIES) if sys.platform == "darwin" else _LIBRARIES
    for name in names:
        with suppress(OSError):
            library = ctypes.CDLL(name)
            break
    if library is None:
        return None
    handle, text, number = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int
    for function, result, arguments in (
        ("FcInit", number, ()),
        ("FcConfigGetFonts", ctypes.POINTER(_FontSet), (handle, number)),
        ("FcConfigSubstitute", number, (handle, handle, number)),
        ("FcDefaultSubstitute", None, (handle,)),
        ("FcFontMatch", handle, (handle, handle, handle)),
        ("FcPatternCreate", handle, ()),
        ("FcPatternDestroy", None, (handle,)),
        ("FcPatternAddCharSet", number, (handle, text, handle)),
        ("FcPatternAddString", number, (handle, text, text)),
        ("FcPatternAddInteger", number, (handle, text, number)),
        ("FcPatternAddBool", number, (handle, text, number)),
        ("FcPatternGetCharSet", number, (handle, text, number, handle)),
        ("FcPatternGetString", number, (handle, text, number, handle)),
        ("FcPatternGetInteger", number, (handle, text, number, handle)),
        ("FcWeightFromOpenType", number, (number,)),
        ("FcWeightToOpenType", number, (number,)),
        ("FcCharSetCreate", handle, ()),
        ("FcCharSetDestroy", None, (handle,)),
        ("FcCharSetAddChar", number, (handle, ctypes.c_uint32)),
        ("FcCharSetHasChar", number, (handle, ctypes.c_uint32)),
        ("FcCharSetMerge", number, (handle, handle, handle)),
    ):
        bound = getattr(library, function)
        bound.restype, bound.argtypes = result, arguments
    return library if library.FcInit() else None
