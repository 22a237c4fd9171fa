"""How a certificate looks: paper, colours, pictures, wording and blocks, as plain values that anybody may choose from.

Nothing in a design is ever run: its wording has a closed set of places, its colours are six digits, and its pictures
were made anew when they came in.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property

from django.utils.translation import gettext_lazy as _

from credentials.rendering.engraving import HOUSE, Inks

#: Width and height in millimetres, upright.
PAPERS = {"A4": (210.0, 297.0), "Letter": (215.9, 279.4)}
FRAMES = ("engraved", "lines", "none")
#: What a sheet may show or leave out. The name, the achievement, the issuer and the day always stand on it.
BLOCKS = (
    "emblem",
    "parent",
    "statement",
    "results",
    "outcomes",
    "parts",
    "skills",
    "credits",
    "hours",
    "level",
    "validity",
    "code",
)
MOST_SIGNERS = 3
#: WCAG 2.2, 1.4.3: what small print needs to be read.
LEAST_CONTRAST = 4.5

#: What stands between braces in wording, and what takes its place.
PLACES = {
    "achievement": _("the name of the achievement"),
    "issuer": _("the issuer"),
    "parent_issuer": _("the body that the issuer is part of"),
    "credits": _("the credits"),
    "hours": _("the workload in hours"),
    "level": _("the level"),
    "awarded_on": _("the day of the award"),
    "valid_until": _("the last day of validity"),
}
#: Places whose text is the learner's own: a sheet with them is laid out for each day anew.
OWN_PLACES = ("awarded_on", "valid_until")

_PLACE = re.compile(r"\{([^{}]*)\}")
_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}\Z")


class BadWording(ValueError):
    """Wording has a brace that opens no place of the closed set; the words say which."""


@dataclass(frozen=True)
class Picture:
    """A picture as it was made anew on its way in; `alternative` is what is read aloud in its stead."""

    name: str
    media_type: str
    content: bytes = field(repr=False)
    width: int
    height: int
    alternative: str = ""


@dataclass(frozen=True)
class Signer:
    """A person whose name stands on the sheet, with the picture of a signature if there is one."""

    name: str
    role: str = ""
    picture: Picture | None = None


@dataclass(frozen=True)
class Palette:
    """The colours that are chosen; all others of the sheet follow from them."""

    paper: str = "#FAF8F3"
    ink: str = "#17232B"
    accent: str = "#0A5C60"
    line: str = "#E3A82B"

    @property
    def is_house(self) -> bool:
        return self == Palette()

    @property
    def quiet(self) -> str:
        """Of words that stand back: towards the paper, as far as they can still be read."""
        if self.is_house:
            return "#4B5862"
        return next(
            (
                mixed
                for share in (0.3, 0.2, 0.1)
                if contrast(mixed := mix(self.ink, self.paper, share), self.paper) >= LEAST_CONTRAST
            ),
            self.ink,
        )

    @property
    def strong(self) -> str:
        return "#07464A" if self.is_house else self.accent

    @property
    def second(self) -> str:
        return "#7D5200" if self.is_house else self.accent

    @property
    def hairline(self) -> str:
        return "#DAD5C9" if self.is_house else mix(self.line, self.paper, 0.5)

    @property
    def inks(self) -> Inks:
        if self.is_house:
            return HOUSE
        return Inks(
            paper=self.paper,
            line=self.accent,
            strong=self.accent,
            honour=self.accent,
            honour_fill=self.line,
            light=mix(self.accent, self.paper, 0.35),
            honour_light=mix(self.line, self.paper, 0.4),
        )


@dataclass(frozen=True)
class Design:
    """One look of a certificate. Wording that is empty means the site's own words, in the language of the sheet."""

    paper: str = "A4"
    landscape: bool = False
    frame: str = "engraved"
    palette: Palette = Palette()
    blocks: frozenset[str] = frozenset(BLOCKS) - {"skills", "hours"}
    #: Empty: as the achievement.
    language: str = ""
    before_name: str = ""
    after_name: str = ""
    closing: str = ""
    note: str = ""
    logo: Picture | None = None
    seal: Picture | None = None
    background: Picture | None = None
    signers: tuple[Signer, ...] = ()

    @property
    def size(self) -> tuple[float, float]:
        """Width and height of the sheet in millimetres."""
        width, height = PAPERS[self.paper]
        return (height, width) if self.landscape else (width, height)

    @property
    def signs(self) -> bool:
        """Whether the foot has a row for signatures and seal."""
        return bool(self.signers or self.seal)

    def pictures(self) -> list[Picture]:
        there = [self.logo, self.seal, self.background, *(signer.picture for signer in self.signers)]
        return [picture for picture in there if picture is not None]

    def wordings(self) -> list[str]:
        return [text for text in (self.before_name, self.after_name, self.closing, self.note) if text]

    def own_places(self) -> frozenset[str]:
        """The places of this wording whose text is the learner's own."""
        return frozenset(name for text in self.wordings() for name in places_in(text)) & frozenset(OWN_PLACES)

    def texts(self) -> list[str]:
        """All that it prints by itself."""
        return [*self.wordings(), *(text for signer in self.signers for text in (signer.name, signer.role))]

    @cached_property
    def digest(self) -> str:
        """The same for two designs that print the same."""
        plain = {each.name: getattr(self, each.name) for each in fields(self)}
        plain["blocks"] = sorted(self.blocks)
        return hashlib.sha256(repr(sorted(plain.items())).encode()).hexdigest()


BUILT_IN = Design()


# --- wording --------------------------------------------------------------------------------------------------------


def places_in(text: str) -> list[str]:
    """The places that a wording names. Raises BadWording for any other brace."""
    found = _PLACE.findall(text)
    for name in found:
        if name not in PLACES:
            raise BadWording(f"{{{name}}}")
    left = _PLACE.sub("", text)
    for brace in "{}":
        if brace in left:
            raise BadWording(brace)
    return found


def worded(text: str, values: Mapping[str, str]) -> str:
    """The wording with its places filled; nothing but the closed set is ever looked up."""
    return _PLACE.sub(lambda place: values.get(place[1], ""), text)


# --- colours --------------------------------------------------------------------------------------------------------


def is_colour(text: str) -> bool:
    return bool(_COLOUR.match(text))


def contrast(one: str, other: str) -> float:
    """How far two colours are apart, from 1 to 21 (WCAG 2.2, contrast ratio)."""
    return contrast_of(luminance(_parts(one)), luminance(_parts(other)))


def contrast_of(one: float, other: float) -> float:
    """The same of two luminances from 0 to 1."""
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)


def luminance(colour: tuple[int, int, int]) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in (each / 255 for each in colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def luminance_of(colour: str) -> float:
    return luminance(_parts(colour))


def mix(one: str, other: str, share: float) -> str:
    """The first colour with a share of the second in it."""
    pairs = zip(_parts(one), _parts(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02X}" for a, b in pairs)


def _parts(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
