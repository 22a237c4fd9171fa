"""Takes a drawing (SVG) apart and writes it anew from a small closed set: shapes, paints and gradients, nothing else.

What no badge shows (notes of drawing programs, titles) is left out; whatever could run, load, move or depend on the
fonts of who looks is refused, with words that say what to change. It knows no Django: it runs in a child process.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

from PIL import ImageColor

MAX_BYTES = 1_000_000
_MOST_ELEMENTS, _DEEPEST = 5_000, 40
_SVG = "http://www.w3.org/2000/svg "
_XLINK = "http://www.w3.org/1999/xlink "

_KEPT = {
    "svg", "g", "defs", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon",
    "linearGradient", "radialGradient", "stop", "clipPath",
}  # fmt: skip
_GRADIENTS = {"linearGradient", "radialGradient"}
_LEFT_OUT = {"title", "desc", "metadata"}
# Left away they would change what is seen: better said than guessed.
_TELLING = {"class", "filter", "mask", "mix-blend-mode", "marker", "marker-start", "marker-mid", "marker-end"}

# Possessive throughout: nothing here goes back to try again, however long what it reads.
_NUMBER = r"[+-]?+(?:\d++\.?+\d*+|\.\d++)(?:[eE][+-]?+\d{1,3})?+"
_LENGTH = re.compile(rf"{_NUMBER}(?:px|%)?+\Z")
_NUMBERS = re.compile(r"[0-9eE+\-.,\s]*+\Z")
_PATH = re.compile(r"[MmZzLlHhVvCcSsQqTtAa0-9eE+\-.,\s]*+\Z")
_TRANSFORM = re.compile(r"(?:\s*+(?:matrix|translate|scale|rotate|skewX|skewY)\s*+\([0-9eE+\-.,\s]*+\)[\s,]*+)*+\Z")
_REFERENCE = re.compile(r"""url\(\s*["']?#([^\s"')]{1,100})["']?\s*\)\Z""")
_WORDS = {
    "fill-rule": {"nonzero", "evenodd"},
    "clip-rule": {"nonzero", "evenodd"},
    "stroke-linecap": {"butt", "round", "square"},
    "stroke-linejoin": {"miter", "round", "bevel"},
    "gradientUnits": {"userSpaceOnUse", "objectBoundingBox"},
    "clipPathUnits": {"userSpaceOnUse", "objectBoundingBox"},
    "spreadMethod": {"pad", "reflect", "repeat"},
    "display": {"none", "inline", "block"},
    "visibility": {"visible", "hidden", "collapse"},
}
_LENGTHS = {
    "x", "y", "width", "height", "rx", "ry", "cx", "cy", "r", "x1", "y1", "x2", "y2", "fx", "fy", "offset",
    "stroke-width", "stroke-miterlimit", "stroke-dashoffset", "opacity", "fill-opacity", "stroke-opacity",
    "stop-opacity",
}  # fmt: skip


class Refused(Exception):
    """Why a drawing is not taken: a word for the reason, and what in it is meant."""

    def __init__(self, why: str, what: str = "") -> None:
        super().__init__(why, what)
        self.why, self.what = why, what[:60]


@dataclass(frozen=True)
class Drawing:
    """One `<svg>` element without a place of its own, and the proportions of what it shows."""

    text: str
    width: float
    height: float


@dataclass
class _Node:
    name: str
    attributes: dict[str, str]
    children: "list[_Node]" = field(default_factory=list)


def made_anew(content: bytes) -> Drawing:
    """The drawing in the closed set; raises Refused."""
    root = _read(content)
    width, height = _proportions(root)
    if not any(each.name not in ("defs", *_GRADIENTS) for each in root.children):
        raise Refused("empty")
    names = _names(root)
    _check_references(root, names)
    return Drawing(_written(root, {name: f"d{number}" for number, name in enumerate(names)}), width, height)


def _read(content: bytes) -> _Node:
    if len(content) > MAX_BYTES:
        raise Refused("large")
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        raise Refused("broken") from None
    reading = _Reading()
    try:
        reading.parser.Parse(content, True)
    except expat.ExpatError:
        raise Refused("broken") from None
    if reading.root is None:
        raise Refused("broken")
    return reading.root


class _Reading:
    """One pass: what is kept becomes a tree, what is left out is skipped with all that is in it."""

    def __init__(self) -> None:
        self.root: _Node | None = None
        self._open: list[_Node] = []
        self._skipped = self._count = 0
        self.parser = expat.ParserCreate("utf-8", namespace_separator=" ")
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.EntityDeclHandler = self._entity
        self.parser.SkippedEntityHandler = self._entity
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end

    def _doctype(self, _name: str, _system: str | None, _public: str | None, has_internal_subset: bool) -> None:
        if has_internal_subset:
            raise Refused("entities")

    def _entity(self, *_said: object) -> None:
        raise Refused("entities")

    def _start(self, name: str, said: dict[str, str]) -> None:
        self._count += 1
        if self._count > _MOST_ELEMENTS or len(self._open) + self._skipped > _DEEPEST:
            raise Refused("detail")
        if self._skipped or (self._open and (not name.startswith(_SVG) or name.removeprefix(_SVG) in _LEFT_OUT)):
            self._skipped += 1
            return
        local = name.removeprefix(_SVG)
        if local not in _KEPT or (local == "svg") != (not self._open):
            raise Refused(_reason(local), local)
        node = _Node(local, _attributes(local, said))
        if self._open:
            self._open[-1].children.append(node)
        else:
            self.root = node
        self._open.append(node)

    def _end(self, _name: str) -> None:
        if self._skipped:
            self._skipped -= 1
        else:
            self._open.pop()


def _reason(element: str) -> str:
    if element in ("text", "tspan", "textPath", "image", "use", "symbol", "style"):
        return "use" if element == "symbol" else "text" if element.startswith("t") else element
    return "element"


# --- attributes ---------------------------------------------------------------------------------------------------


def _attributes(element: str, said: Mapping[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    declared: dict[str, str] = {}
    for name, value in said.items():
        local = name.removeprefix(_XLINK)
        if local == "style":
            declared = dict(_declarations(value))
        elif " " not in local:
            found[local] = value
    kept = {}
    for name, value in {**found, **declared}.items():
        if name.lower().startswith("on"):
            raise Refused("element", name)
        if name in _TELLING and value.strip() not in ("", "none", "normal"):
            raise Refused("style" if name == "class" else "attribute", name)
        check = _anything if element == "svg" and name in ("width", "height") else _CHECKS.get(name)
        if check is None or (name == "href" and element not in _GRADIENTS):
            continue
        sound = check(value.strip())
        if sound is None:
            raise Refused("value", name)
        kept[name] = sound
    return kept


def _declarations(style: str) -> list[tuple[str, str]]:
    pairs = (each.partition(":") for each in style.split(";") if each.strip())
    return [(name.strip(), value.replace("!important", "").strip()) for name, _colon, value in pairs]


def _matching(pattern: re.Pattern[str]) -> Callable[[str], str | None]:
    return lambda value: value if pattern.match(value) else None


def _one_of(words: set[str]) -> Callable[[str], str | None]:
    return lambda value: value if value in words else None


def _colour(value: str) -> str | None:
    """As #RRGGBB or #RRGGBBAA; none for what is no colour."""
    known = {"currentColor": "#000000", "inherit": "inherit", "transparent": "#00000000"}
    if value in known:
        return known[value]
    try:
        parts = ImageColor.getrgb(value)
    except ValueError:
        return None
    return "#" + "".join(f"{part:02X}" for part in parts)


def _paint(value: str) -> str | None:
    return value if value == "none" or _REFERENCE.match(value) else _colour(value)


def _reference(value: str) -> str | None:
    return value if value == "none" or _REFERENCE.match(value) else None


def _dashes(value: str) -> str | None:
    return value if value == "none" or _NUMBERS.match(value.replace("px", "")) else None


def _anything(value: str) -> str | None:
    return value if 0 < len(value) <= 100 else None


_CHECKS: dict[str, Callable[[str], str | None]] = {
    **{name: _matching(_LENGTH) for name in _LENGTHS},
    **{name: _one_of(words) for name, words in _WORDS.items()},
    "viewBox": _matching(_NUMBERS),
    "points": _matching(_NUMBERS),
    "d": _matching(_PATH),
    "transform": _matching(_TRANSFORM),
    "gradientTransform": _matching(_TRANSFORM),
    "fill": _paint,
    "stroke": _paint,
    "stop-color": _colour,
    "stroke-dasharray": _dashes,
    "clip-path": _reference,
    "href": lambda value: value if re.match(r"#[^\s\"')]{1,100}\Z", value) else None,
    "id": _anything,
}


# --- the whole ----------------------------------------------------------------------------------------------------


def _proportions(root: _Node) -> tuple[float, float]:
    """Width and height of what is shown; the view box is written down where only a size was said."""
    box = [float(each) for each in re.findall(_NUMBER, root.attributes.get("viewBox", ""))]
    if not box:
        sizes = [root.attributes.get(name, "").removesuffix("px") for name in ("width", "height")]
        if not all(re.fullmatch(_NUMBER, size) for size in sizes):
            raise Refused("size")
        box = [0.0, 0.0, *(float(size) for size in sizes)]
        root.attributes["viewBox"] = " ".join(f"{each:g}" for each in box)
    if len(box) != 4 or not all(1e-3 <= side <= 1e6 for side in box[2:]) or not 0.05 <= box[2] / box[3] <= 20:
        raise Refused("size")
    for name in ("x", "y", "width", "height"):
        root.attributes.pop(name, None)
    return box[2], box[3]


def _names(root: _Node) -> dict[str, _Node]:
    """What may be referred to, by its id."""
    found: dict[str, _Node] = {}
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if name := node.attributes.get("id"):
            if name in found:
                raise Refused("value", "id")
            found[name] = node
        waiting += reversed(node.children)
    return found


def _check_references(root: _Node, names: Mapping[str, _Node]) -> None:
    """Each leads to a gradient or a clip within the drawing, and none in a ring."""
    waiting = [(root, False)]
    while waiting:
        node, clips = waiting.pop()
        clips = clips or node.name == "clipPath"
        for attribute in ("fill", "stroke", "clip-path"):
            if match := _REFERENCE.match(node.attributes.get(attribute, "")):
                target = names.get(match[1])
                wanted = {"clipPath"} if attribute == "clip-path" else _GRADIENTS
                if target is None or target.name not in wanted or (clips and attribute == "clip-path"):
                    raise Refused("value", attribute)
        seen: list[_Node] = []
        gradient: _Node | None = node
        while gradient is not None and "href" in gradient.attributes:
            seen.append(gradient)
            gradient = names.get(gradient.attributes["href"][1:])
            if gradient is None or gradient.name not in _GRADIENTS or gradient in seen:
                raise Refused("value", "href")
        waiting += [(child, clips) for child in node.children]


def _written(node: _Node, renamed: Mapping[str, str]) -> str:
    said = []
    for name, value in node.attributes.items():
        match = _REFERENCE.match(value)
        meant = value
        if name == "id":
            meant = renamed[value]
        elif name == "href":
            meant = f"#{renamed[value[1:]]}"
        elif match:
            meant = f"url(#{renamed[match[1]]})"
        said.append(f" {name}={quoteattr(meant)}")
    inner = "".join(_written(child, renamed) for child in node.children)
    return f"<{node.name}{''.join(said)}" + (f">{inner}</{node.name}>" if inner else "/>")
