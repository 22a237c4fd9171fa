"""Makes the files of a credential, certificate and badge, and opens them for whoever may have them.

A file is written under a temporary name, made sure of, and renamed to the hash of its content before its row is
committed: an orphan is harmless, and a row whose file is lost is made again (reliability J8).
"""

import hashlib
import os
import re
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import BinaryIO, NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Count
from django.urls import reverse
from django.utils import translation

from credentials import addresses, composition
from credentials.designs import badge_pictures, badges, designs
from credentials.keys import key_files, seals
from credentials.models import Achievement, Credential, Rendition, Seal
from credentials.rendering import badge, certificate, pades
from credentials.rendering.design import Design
from credentials.rendering.failures import GlyphsMissing, RendererMissing
from credentials.standards import baking
from portal.shared import cairn, inserting, outbox, whole_files

Kind = Rendition.Kind

CONTENT_TYPES = {Kind.PDF: "application/pdf", Kind.PNG: "image/png"}
JOBS = {Kind.PDF: "credentials.render_pdf", Kind.PNG: "credentials.render_png"}
# A person has to install something first.
WAIT_FOR_A_PERSON = 600
WAIT_FOR_THE_SWITCH = 60
# A taller stack would not fit into the seal.
MOST_STONES = 9
# A file made again later is no news to anybody.
NEWS_FOR = timedelta(days=30)


class NotMadeYet(LookupError):
    """There is no such file yet, or no more; it is promised."""


def render_pdfs(credential_ids: Sequence[int], *, at: datetime) -> Callable[[], None] | None:
    """Print the certificates, each with its signed document inside.

    Raises outbox.Later where the machine cannot print them, and GlyphsMissing for one of several, which are then tried
    each by itself.
    """
    wanted = _wanted(credential_ids, Kind.PDF)
    made = []
    sealing = _Sealing(at)
    with whole_files.Together() as files:
        for credential, fields in zip(wanted, _fields(wanted), strict=True):
            try:
                content = certificate.render(fields, credential_document=credential.document.encode("utf-8"))
                signed = sealing.signed(content, credential)
            except key_files.SigningStopped as stopped:
                raise outbox.Later(WAIT_FOR_THE_SWITCH, str(stopped)) from stopped
            except RendererMissing as missing:
                raise outbox.Later(WAIT_FOR_A_PERSON, str(missing)) from missing
            except GlyphsMissing as missing:
                if len(wanted) > 1:
                    raise
                _announce_without(credential, at=at)
                raise outbox.Later(WAIT_FOR_A_PERSON, str(missing)) from missing
            made.append(_kept(files, credential, Kind.PDF, signed.content, signed.sha256))
    return (lambda: _store(made, Kind.PDF, at=at)) if made else None


def _announce_without(credential: Credential, *, at: datetime) -> None:
    """Have the learner told in a moment, when the badge is there: a font may be long in coming. Told once, whatever."""
    if credential.logged_at is not None and credential.logged_at > at - NEWS_FOR:
        due = at + timedelta(seconds=15)
        outbox.promise_many("credentials.announce", [credential.pk], due=due, like="credentials.sign")


class _Sealing:
    """Signs PDFs with the seals of their issuers, each asked for once."""

    def __init__(self, at: datetime) -> None:
        self._at = at
        self._seals: dict[int, tuple[Seal, pades.Seal]] = {}

    def signed(self, pdf: bytes, credential: Credential) -> pades.Signed:
        issuer = credential.award.achievement.issuer
        if issuer.pk not in self._seals:
            seal = seals.seal_of(issuer, at=self._at)
            self._seals[issuer.pk] = seal, pades.Seal(bytes(seal.certificate), seals.signer(seal))
        seal, signing = self._seals[issuer.pk]
        # Not the time of this run, so that a second one gives the same bytes; not before there was a seal.
        return pades.sign_and_hash(pdf, signing, at=max(credential.issued_at, seal.created_at))


def render_pngs(credential_ids: Sequence[int], *, at: datetime) -> Callable[[], None] | None:
    """Bake each signed document into its achievement's badge, whose picture is drawn once."""
    made = []
    wanted = _wanted(credential_ids, Kind.PNG)
    picture: tuple[badge.BadgeArt, bytes] | None = None
    with whole_files.Together() as files:
        for credential, art in zip(wanted, _arts_of(wanted), strict=True):
            # All who earned the same have the same picture.
            if picture is None or (picture[0] is not art and picture[0] != art):
                picture = art, _drawn(art)
            content = baking.bake_png(picture[1], credential.document)
            made.append(_kept(files, credential, Kind.PNG, content, hashlib.sha256(content).hexdigest()))
    return (lambda: _store(made, Kind.PNG, at=at)) if made else None


def open(credential: Credential, kind: str) -> tuple[BinaryIO, Rendition]:  # noqa: A001 - read as renditions.open
    """The file and what is known of it. Whether somebody may have it is asked of `access` before. Raises NotMadeYet.

    Where the row has lost its file, the job is promised again.
    """
    found = Rendition.objects.filter(credential=credential, kind=kind).order_by("-template_version").first()
    if found is None:
        raise NotMadeYet
    try:
        return (settings.MEDIA_ROOT / found.path).open("rb"), found
    except FileNotFoundError:
        make_again(credential, kind)
        raise NotMadeYet from None


def make_again(credential: Credential, kind: str) -> None:
    """Promise a lost file anew; what is there already is not printed twice."""
    outbox.promise(JOBS[Kind(kind)], credential.pk, version=f"again-{uuid.uuid4().hex[:8]}")


def badge_picture(achievement: Achievement, version: int | None = None) -> bytes:
    """The achievement's badge with no credential in it."""
    return _drawn(badge_art(achievement, version))


def baked_svg(credential: Credential) -> bytes:
    """The badge as a drawing with the signed document in it. For credentials that are in the log."""
    return baking.bake_svg(badge.draw_svg(_art_of(credential)).encode("utf-8"), credential.document)


def old_baked_png(credential: Credential) -> bytes:
    """The badge for sites that read Open Badges 2.0 only: the address of its assertion is in it."""
    url = addresses.old_assertion_url(credential)
    return baking.bake_png(_drawn(_art_of(credential)), url, standard=baking.Standard.OPEN_BADGES_2)


def old_baked_svg(credential: Credential) -> bytes:
    """The same as a drawing."""
    drawing = badge.draw_svg(_art_of(credential)).encode("utf-8")
    return baking.bake_svg(drawing, addresses.old_assertion_url(credential), standard=baking.Standard.OPEN_BADGES_2)


def baked_on_request(credential: Credential, kind: str) -> Iterator[bytes]:
    """The badges of a kind, "svg" or "png", that are kept nowhere. Nothing of what is not in the log yet (I4)."""
    if credential.state != Credential.State.LOGGED:
        return
    if kind == "svg":
        yield baked_svg(credential)
        yield old_baked_svg(credential)
    elif kind == "png":
        yield old_baked_png(credential)


def badge_art(achievement: Achievement, version: int | None = None) -> badge.BadgeArt:
    """What its badge shows, now or as it looked in a version, for pages that draw it as SVG."""
    designs = badges.designs_of([achievement.pk]).get(achievement.pk, [])
    return art_with(achievement, badges.look_at(designs, version or achievement.version))


def art_with(achievement: Achievement, look: badge.Look | None) -> badge.BadgeArt:
    """What its badge would show with this look."""
    return _art(achievement, achievement.name, achievement.issuer.name, len(achievement.outcomes), look)


def badge_shown(credential: Credential) -> tuple[str, str]:
    """The address of the credential's picture as it was when it was issued, and the picture in words."""
    image = composition.parsed(credential.body).get("credentialSubject", {}).get("achievement", {}).get("image", {})
    achievement = credential.award.achievement
    version = urlsplit(image.get("id", "")).query or f"version={achievement.version}"
    return f"{reverse('badge-svg', args=[achievement.slug])}?{version}", image.get("caption", achievement.image_alt)


def undrawn(credential: Credential) -> str:
    """The characters for want of which its certificate waits; nothing where that waits for something else."""
    return certificate.missing_glyphs(_fields([credential])[0])


def _wanted(ids: Sequence[int], kind: str) -> list[Credential]:
    """Those of the credentials that have no such file yet. All are in the log: nothing is made to be shown before (I4).

    Raises outbox.Later for one that is not.
    """
    found = list(Credential.objects.filter(pk__in=ids).select_related("award").only(*_SHOWN).order_by("id"))
    if any(credential.state != Credential.State.LOGGED for credential in found):
        raise outbox.Later(5, "The credential is not in the log yet.")
    made = Rendition.objects.filter(credential__in=ids, kind=kind).values_list("credential", "template_version", "path")
    there = {(id_, version) for id_, version, path in made if (settings.MEDIA_ROOT / path).exists()}
    wanted = [credential for credential in found if (credential.pk, credential.template_version) not in there]
    # A thousand of one achievement are read with it once, and not a thousand times.
    achievements = Achievement.objects.select_related("issuer").in_bulk({each.award.achievement_id for each in wanted})
    for credential in wanted:
        credential.award.achievement = achievements[credential.award.achievement_id]
    return wanted


# All that a file is made of. The rest of two long rows takes as long to read as a badge to bake.
_SHOWN = (
    *("state", "code", "issuer", "issued_at", "logged_at", "template_version", "document"),
    *("award__achievement", "award__awarded_on", "award__valid_until"),
)


class _Made(NamedTuple):
    """A file that was made, as its row tells of it."""

    credential: int
    template_version: int
    sha256: str
    size: int
    path: str


def _kept(files: whole_files.Together, credential: Credential, kind: str, content: bytes, sha256: str) -> _Made:
    """Write the content under its own hash."""
    path = f"renditions/{sha256[:2]}/{sha256}.{kind}"
    files.write(f"{settings.MEDIA_ROOT}/{path}", content)
    return _Made(credential.pk, credential.template_version, sha256, len(content), path)


def _store(made: list[_Made], kind: str, *, at: datetime) -> None:
    """Keep the rows, and promise the message of each credential that now has all its files.

    The same input gives the same bytes; where another machine's fonts differ, the newest file counts.
    """
    ids = [each.credential for each in made]
    # Certificate and badge may be finished at once: in turn, so that the second sees the first.
    list(Credential.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk").values_list("pk"))
    unique = ("credential", "kind", "template_version")
    inserting.put(Rendition, _Made._fields, made, in_place_of=unique, kind=str(kind), made_at=at)
    complete = (
        Credential.objects.filter(pk__in=ids, logged_at__gt=at - NEWS_FOR)
        .annotate(kinds=Count("renditions__kind", distinct=True))
        .filter(kinds=len(Kind))
    )
    outbox.promise_many("credentials.announce", complete.values_list("pk", flat=True), like="credentials.sign")


# --- what is shown ------------------------------------------------------------------------------------------------


def _fields(credentials: Sequence[Credential]) -> list[certificate.CertificateFields]:
    """From the signed documents, so that the paper and the signature never say different things."""
    said = [composition.statement_of(composition.parsed(credential.document)) for credential in credentials]
    days = _days_of([part for one in said for part in one.parts])
    looks = designs.designs_of(credentials, [one.kind for one in said])
    return [_fields_of(*each, days) for each in zip(credentials, said, looks, strict=True)]


def _fields_of(
    credential: Credential, said: composition.Statement, look: Design, days: Mapping[str, date]
) -> certificate.CertificateFields:
    # The parts of other houses stay out: nobody here knows their days.
    parts = tuple((part.name, days[part.url]) for part in said.parts if part.url in days)
    return certificate.CertificateFields(
        learner_name=said.learner_name,
        achievement_name=said.achievement_name,
        issuer_name=said.issuer_name,
        parent_issuer_name=said.parent_issuer_name,
        awarded_on=credential.award.awarded_on,
        valid_until=credential.award.valid_until,
        verify_url=addresses.check_url(credential),
        code=credential.code,
        credits=said.credits,
        level=said.level,
        outcomes=said.outcomes,
        statement=said.description,
        results=said.results,
        language=said.language,
        direction="rtl" if translation.get_language_info(_known(look.language or said.language))["bidi"] else "ltr",
        parts=parts,
        hours=said.hours,
        skills=said.skills,
        design=look,
        # One stone for each part of a qualification, else for each thing learned.
        stones=_stones(tuple(_named_once(parts, said.outcomes))),
    )


# Many come one after the other who earned the same.
@lru_cache(maxsize=64)
def _stones(names: tuple[str, ...]) -> tuple[cairn.Stone, ...]:
    return cairn.stones([(name, 1, "earned") for name in names])


def _named_once(parts: Sequence[tuple[str, date]], outcomes: Sequence[str]) -> list[str]:
    # No day in it: all who earn the same have the same stones, and one sheet.
    names = [f"{name} {place}" for place, (name, _on) in enumerate(parts)] or list(outcomes) or ["award"]
    return list(dict.fromkeys(names))[:MOST_STONES]


def _known(language: str) -> str:
    try:
        translation.get_language_info(language)
    except KeyError:
        return "en"
    return language


_CREDENTIAL_URL = re.compile(r"/credentials/([0-9a-f-]{36})$")


def _days_of(parts: Sequence[composition.Part]) -> dict[str, date]:
    """The days on which these parts of qualifications were awarded, by their addresses."""
    ids = {part.url: uuid.UUID(match[1]) for part in parts if (match := _CREDENTIAL_URL.search(part.url))}
    if not ids:
        return {}
    days = dict(Credential.objects.filter(uuid__in=set(ids.values())).values_list("uuid", "award__awarded_on"))
    return {url: days[id_] for url, id_ in ids.items() if id_ in days}


def _art_of(credential: Credential) -> badge.BadgeArt:
    return next(_arts_of([credential]))


def _arts_of(credentials: Sequence[Credential]) -> Iterator[badge.BadgeArt]:
    """What their badges show, each as it looked in the version of its achievement that the signed document names."""
    designs = badges.designs_of(credential.award.achievement_id for credential in credentials)
    before: tuple[object, badge.BadgeArt] | None = None
    for credential in credentials:
        document = composition.parsed(credential.document)
        achievement, described = credential.award.achievement, document["credentialSubject"]["achievement"]
        # All that a picture shows.
        shown = achievement.pk, described, document["issuer"]
        if before is None or before[0] != shown:
            said = composition.statement_of(document)
            look = badges.look_at(designs.get(achievement.pk, []), int(described["version"]))
            art = _art(achievement, said.achievement_name, said.issuer_name, len(said.outcomes), look)
            before = shown, art
        yield before[1]


def _art(
    achievement: Achievement, name: str, issuer_name: str, outcomes: int, look: badge.Look | None
) -> badge.BadgeArt:
    with translation.override(achievement.language):
        return badge.BadgeArt(
            achievement_name=name,
            issuer_name=issuer_name,
            seed=str(achievement.uuid),
            level=f"EQF {achievement.level}"
            if achievement.level and achievement.level_framework == composition.EQF
            else "",
            kind=str(achievement.get_kind_display()),
            stones=((1.0, "earned"),) * max(1, min(outcomes, MOST_STONES)),
            look=look,
            **badge_pictures.pictures_of(look, achievement.issuer_id),
        )


def _drawn(art: badge.BadgeArt) -> bytes:
    """The picture, drawn once for all who earn the same (design, P10)."""
    digest = hashlib.sha256(repr(art).encode("utf-8")).hexdigest()
    path = settings.MEDIA_ROOT / "badges" / f"{digest}.png"
    try:
        # Whoever sweeps sees by it what is still needed.
        os.utime(path)
        return path.read_bytes()
    except FileNotFoundError:
        drawn = badge.draw_png(art)
        whole_files.write(path, drawn)
        return drawn
