"""What a badge shows, its measures and its colours."""

from dataclasses import dataclass

from credentials.rendering.badge.artwork import Artwork
from credentials.rendering.badge.look import Look
from portal.shared import cairn

Point = tuple[float, float]

SIDE = 600
CENTRE: Point = (300.0, 262.0)
RADIUS = 250.0
PLATE_TOP, PLATE_BOTTOM = 372.0, 528.0


@dataclass(frozen=True)
class BadgeArt:
    """What the picture shows; `seed` is the achievement's id and chooses the shape of its stones.

    Without a look that somebody chose it is a seal, whose colour goes by the seed, too. `logo` and `artwork` are the
    pictures that the look names.
    """

    achievement_name: str
    issuer_name: str
    seed: str
    level: str = ""
    kind: str = ""
    stones: tuple[tuple[float, cairn.State], ...] = ((1.0, "earned"),)
    look: Look | None = None
    logo: Artwork | None = None
    artwork: Artwork | None = None


@dataclass(frozen=True)
class Palette:
    rim: str
    rim_dark: str
    field: str
    field_low: str
    stone: str
    stone_light: str


# The house's teal, ink and their neighbours, in the order of `look.COLOURS`; brass stays the honour on all of them.
PALETTES = (
    Palette("#0A5C60", "#07464A", "#DDF0EF", "#F4F7F1", "#0A5C60", "#4C9596"),
    Palette("#1F4E79", "#163A5C", "#E1ECF8", "#F5F6F2", "#2A5D8C", "#6E9BC4"),
    Palette("#1B6A3C", "#124A2A", "#E0F1E6", "#F6F7EF", "#2A7348", "#6FAA86"),
    Palette("#4A3A6B", "#33284C", "#EBE6F4", "#F7F4F0", "#57477A", "#9484B5"),
    Palette("#7A3B2E", "#592A20", "#F6E7E1", "#F8F4EC", "#8A4838", "#BD8575"),
    Palette("#2E3F4A", "#17232B", "#E6EBEC", "#F5F4EF", "#3C505C", "#7F919B"),
)
BRASS, BRASS_FILL, BRASS_LIGHT = "#7D5200", "#E3A82B", "#F6DD9C"
INK, PAPER = "#17232B", "#FAF8F3"


# Edge and ground of the ribbon, by the level of the European Qualifications Framework.
TONES = (("#6B3F1B", "#D3A077"), ("#4B5862", "#C9D0D4"), (BRASS, BRASS_FILL))


def rank_of(art: BadgeArt) -> str:
    """What stands on the ribbon; nothing where there is none."""
    ribbon = art.look.ribbon if art.look else "level"
    said = {"level": (art.kind, art.level), "kind": (art.kind,)}.get(ribbon, ())
    return " · ".join(filter(None, said))


def tone_of(art: BadgeArt) -> tuple[str, str]:
    """Edge and ground of the ribbon: bronze to level 3, silver to level 5, brass above and where none is said."""
    level = next((int(word) for word in art.level.split() if word.isascii() and word.isdigit()), None)
    if art.look is None or level is None:
        return TONES[-1]
    return TONES[0 if level <= 3 else 1 if level <= 5 else 2]
