"""The looks of badges: drafted by registrars, published with a version of the achievement, and kept for what it was."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any, ClassVar

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from credentials.models import Achievement, BadgeDesign
from credentials.rendering import badge, fonts
from credentials.rendering.badge import composed, look
from credentials.rendering.badge.art import INK, tone_of
from credentials.rendering.badge.artwork import ground_for, stands_out
from credentials.rendering.badge.lettering import labels_of
from credentials.rendering.badge.look import Look
from credentials.rendering.design import contrast
from portal.accounts.models import User
from portal.shared import audit
from portal.shared.refusals import Refusal

LEAST_FOR_WORDS, LEAST_FOR_SHAPES = 4.5, 3.0
# What badges are shown on, by day and by night, with what to do where one is not seen.
GROUNDS = (
    ("#FFFFFF", _("On a light ground the picture can hardly be seen. Give it a darker edge or ground.")),
    ("#12191F", _("On a dark ground the picture can hardly be seen. Give it a lighter edge or ground.")),
)
LONGEST_WORDS = 250


class NotALook(Refusal):
    """Choices that are none."""

    words: ClassVar = _("This is no badge that can be drawn: {why}")
    status: ClassVar = 422


class Unreadable(Refusal):
    """A picture that many could not read."""

    words: ClassVar = _("This badge cannot be published: {faults}")
    status: ClassVar = 422


class ChangedMeanwhile(Refusal):
    """Somebody else saved the draft since it was read."""

    words: ClassVar = _("{name} has changed this badge meanwhile. Look at it again.")


class NothingToPublish(Refusal):
    """There is no draft."""

    words: ClassVar = _("There is no draft of this badge.")


class NoWords(Refusal):
    """Who cannot see the picture would have nothing."""

    words: ClassVar = _("Say what is to be seen, for those who do not see it.")
    status: ClassVar = 422


@dataclass(frozen=True)
class Faults:
    """What stands against a look, in words: what is wrong keeps it from being published, notes are to be seen."""

    wrong: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


# --- questions ----------------------------------------------------------------------------------------------------


def look_of(chosen: Mapping[str, Any]) -> Look:
    """The look that these choices say; raises NotALook. Whatever is not said is as it is by itself."""
    known = {each.name for each in fields(Look)}
    if not set(chosen) <= known or not all(isinstance(value, str) for value in chosen.values()):
        raise NotALook(why=gettext("it says something that is no part of a badge."))
    made = Look(**{name: " ".join(value.split()) for name, value in chosen.items()})
    offered = ((made.shape, look.SHAPES), (made.symbol, look.SYMBOLS), (made.ribbon, look.RIBBONS))
    if any(value not in all_ for value, all_ in offered):
        raise NotALook(why=gettext("its shape, symbol or ribbon is not offered here."))
    if made.colour not in look.COLOURS and not look.HEX.match(made.colour):
        raise NotALook(why=gettext("its colour is neither offered nor written as in #0A5C60."))
    if not (look.HASH.match(made.logo) and look.HASH.match(made.artwork)):
        raise NotALook(why=gettext("it names a picture that is none."))
    too_long = len(made.ring) > look.MOST_ON_RING or len(made.mark) > look.MOST_IN_MARK
    if too_long or not (made.ring + made.mark).isprintable():
        raise NotALook(why=gettext("its words are too long, or hold what cannot be printed."))
    return made


def designs_of(achievements: Iterable[int]) -> dict[int, list[BadgeDesign]]:
    """The published designs of these achievements, by id, the newest first; one query."""
    found: dict[int, list[BadgeDesign]] = {}
    for design in BadgeDesign.objects.filter(achievement__in=set(achievements), published_at__isnull=False):
        found.setdefault(design.achievement_id, []).append(design)
    return found


def look_at(designs: Iterable[BadgeDesign], version: int) -> Look | None:
    """The look of an achievement's badge in one of its versions; none where nobody had chosen one."""
    return next((look_of(each.look) for each in designs if (each.since_version or 0) <= version), None)


def draft_of(achievement: Achievement) -> BadgeDesign | None:
    found = BadgeDesign.objects.filter(achievement=achievement, published_at__isnull=True)
    return found.select_related("author").first()


def words_of(art: badge.BadgeArt, language: str) -> str:
    """The picture in words, composed from its parts, in the achievement's language."""
    with translation.override(language):
        words = badge.alternative_text(art)
    return words if len(words) <= LONGEST_WORDS else words[: LONGEST_WORDS - 1] + "…"


def faults_of(art: badge.BadgeArt) -> Faults:
    """What stands against this badge: colours that cannot be told apart, letters without a font, words that are cut."""
    chosen = art.look or Look()
    if art.artwork:
        return Faults(tuple(_too_faint(found) for found in _of_artwork(art.artwork)))
    wrong = [_too_faint(found) for found in _of_colours(art, chosen)]
    letters = "" if art.logo else chosen.mark
    written = "".join((art.achievement_name, art.issuer_name, chosen.ring, letters))
    for character in fonts.missing_glyphs(written):
        words = gettext("No font of this site draws {character} (U+{code}).")
        wrong.append(words.format(character=character, code=f"{ord(character):04X}"))
    notes = []
    if chosen.ring and composed.ring_is_cut(chosen):
        notes.append(gettext("The words around the ring are too long, and end in an ellipsis."))
    if any(label.text.endswith("…") and not art.achievement_name.endswith("…") for label in labels_of(art)):
        notes.append(gettext("A line on the plate is too long, and ends in an ellipsis."))
    return Faults(tuple(wrong), tuple(notes))


# Words for what is wrong, the contrast that was found, and the least that it must be.
Contrast = tuple[Any, float, float]


def _too_faint(found: Contrast) -> str:
    words, contrast_found, least = found
    measured = gettext("The contrast is {found}, and must be {least}.")
    return f"{words} {measured.format(found=f'{contrast_found:.1f}', least=f'{least:g}')}"


def _of_artwork(picture: badge.Artwork) -> Iterable[Contrast]:
    for ground, words in GROUNDS:
        found = stands_out(picture, ground)
        if found < LEAST_FOR_SHAPES:
            yield words, found, LEAST_FOR_SHAPES


def _of_colours(art: badge.BadgeArt, chosen: Look) -> Iterable[Contrast]:
    palette = composed.palette_of(chosen)
    too_pale = _("The colour is too pale for what stands in the middle. Choose a darker one.")
    pairs = [(contrast(palette.stone, palette.field), LEAST_FOR_SHAPES, too_pale)]
    if art.logo:
        faint = _("The logo is too faint. Hand it in with stronger colours, or without its own ground.")
        pairs.append((ground_for(art.logo, composed.LOGO_GROUNDS)[1], LEAST_FOR_SHAPES, faint))
    if chosen.ring or (chosen.mark and not art.logo):
        unread = _("Words on this colour are hard to read. Choose a darker or a much lighter one.")
        pairs.append((contrast(composed.ink_on(palette), palette.rim), LEAST_FOR_WORDS, unread))
    if chosen.ribbon != "none":
        pairs.append((contrast(INK, tone_of(art)[1]), LEAST_FOR_WORDS, _("The ribbon is hard to read.")))
    return [(words, found, least) for found, least, words in pairs if found < least]


# --- acts ---------------------------------------------------------------------------------------------------------


@transaction.atomic
def save_draft(
    *, achievement: Achievement, chosen: Look, words: str, by: User, at: datetime, read_at: datetime | None = None
) -> BadgeDesign:
    """Keep what was chosen; nothing is drawn so before it is published.

    `read_at` is when the draft was edited that the reader saw. Refuses NoWords and ChangedMeanwhile.
    """
    if not words.strip():
        raise NoWords
    Achievement.objects.select_for_update(no_key=True).get(pk=achievement.pk)
    draft = draft_of(achievement)
    if draft is not None and read_at is not None and draft.edited_at > read_at and draft.author_id != by.pk:
        raise ChangedMeanwhile(name=draft.author)
    kept, _made = BadgeDesign.objects.update_or_create(
        achievement=achievement,
        published_at=None,
        defaults={"look": asdict(chosen), "words": words.strip()[:LONGEST_WORDS], "author": by, "edited_at": at},
    )
    audit.note("save badge draft", achievement, actor=by, at=at)
    return kept


@transaction.atomic
def publish(*, achievement: Achievement, art: badge.BadgeArt, by: User, at: datetime) -> BadgeDesign:
    """Let the badge look as its draft says: from the next version of a published achievement on.

    What was issued before keeps its picture. `art` is what the draft draws. Refuses NothingToPublish and Unreadable.
    """
    current = Achievement.objects.select_for_update(no_key=True).get(pk=achievement.pk)
    draft = draft_of(current)
    if draft is None:
        raise NothingToPublish
    if faults := faults_of(art).wrong:
        raise Unreadable(faults=" ".join(faults))
    if current.state == Achievement.State.DRAFT:
        # Nobody was given anything of this version yet.
        BadgeDesign.objects.filter(achievement=current, since_version=current.version).delete()
    else:
        current.version += 1
    current.image_alt = draft.words
    current.save(update_fields=["version", "image_alt"])
    draft.since_version, draft.published_at = current.version, at
    draft.save(update_fields=["since_version", "published_at"])
    audit.note("publish badge", current, actor=by, at=at, version=current.version, look=draft.look)
    return draft


@transaction.atomic
def discard_draft(*, achievement: Achievement, by: User, at: datetime) -> None:
    """Forget what was drafted; what is published stays. Refuses NothingToPublish."""
    draft = draft_of(achievement)
    if draft is None:
        raise NothingToPublish
    draft.delete()
    audit.note("discard badge draft", achievement, actor=by, at=at)
