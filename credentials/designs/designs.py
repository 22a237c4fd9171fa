"""Reads how certificates look: which version of a template was in force for a credential, and what its choices mean."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from credentials.models import Achievement, CertificatePicture, CertificateTemplate, Credential, Issuer
from credentials.queries import DEEPEST_TREE
from credentials.rendering import design
from credentials.rendering.design import BUILT_IN, Design, Palette, Picture, Signer

Choices = dict[str, Any]
Scope = CertificateTemplate.Scope

_WORDINGS = ("before_name", "after_name", "closing", "note")
_PICTURES = ("logo", "seal", "background")
_ENDINGS = {"image/png": "png", "image/jpeg": "jpg"}
# Published versions never change, so that what was read once stays true.
_MOST_KEPT = 64


def scope_of(kind: str) -> Scope:
    """Which templates are for an achievement of this kind (a value of Achievement.Kind)."""
    return Scope.MICRO_CREDENTIAL if kind == Achievement.Kind.MICRO_CREDENTIAL else Scope.QUALIFICATION


# --- choices and designs ------------------------------------------------------------------------------------------


def built_in_choices() -> Choices:
    """What a new draft begins with."""
    return choices_of(BUILT_IN, {})


def choices_of(chosen: Design, pictures: Mapping[str, str]) -> Choices:
    """A design as it is kept; `pictures` are the hashes of its pictures by their names."""

    def kept(picture: Picture | None) -> dict[str, str] | None:
        if picture is None:
            return None
        return {"sha256": pictures[picture.name], "alternative": picture.alternative}

    return {
        "paper": chosen.paper,
        "landscape": chosen.landscape,
        "frame": chosen.frame,
        "palette": asdict(chosen.palette),
        "blocks": [block for block in design.BLOCKS if block in chosen.blocks],
        "language": chosen.language,
        **{name: getattr(chosen, name) for name in _WORDINGS},
        **{name: kept(getattr(chosen, name)) for name in _PICTURES},
        "signers": [
            {"name": signer.name, "role": signer.role, "picture": kept(signer.picture)} for signer in chosen.signers
        ],
    }


def pictures_named(choices: Choices) -> set[str]:
    """The hashes of the pictures that choices name."""
    named = [choices[name] for name in _PICTURES] + [signer["picture"] for signer in choices["signers"]]
    return {each["sha256"] for each in named if each}


def design_of(choices: Choices, pictures: Mapping[str, CertificatePicture]) -> Design:
    """What choices mean; `pictures` by their hashes."""

    def found(kept: dict[str, str] | None) -> Picture | None:
        if not kept:
            return None
        row = pictures[kept["sha256"]]
        name = f"{row.sha256[:32]}.{_ENDINGS[row.media_type]}"
        return Picture(name, row.media_type, bytes(row.content), row.width, row.height, kept["alternative"])

    return Design(
        paper=choices["paper"],
        landscape=choices["landscape"],
        frame=choices["frame"],
        palette=Palette(**choices["palette"]),
        blocks=frozenset(choices["blocks"]),
        language=choices["language"],
        before_name=choices["before_name"],
        after_name=choices["after_name"],
        closing=choices["closing"],
        note=choices["note"],
        logo=found(choices["logo"]),
        seal=found(choices["seal"]),
        background=found(choices["background"]),
        signers=tuple(Signer(each["name"], each["role"], found(each["picture"])) for each in choices["signers"]),
    )


def pictures_of(issuer: Issuer, choices: Choices) -> dict[str, CertificatePicture]:
    """The pictures that choices name, by their hashes. Raises KeyError for one that the issuer has not."""
    wanted = pictures_named(choices)
    if not wanted:
        return {}
    found = {row.sha256: row for row in CertificatePicture.objects.filter(issuer=issuer, sha256__in=wanted)}
    return {sha256: found[sha256] for sha256 in wanted}


def digest_of(choices: Choices) -> str:
    return hashlib.sha256(json.dumps(choices, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


# --- what could not be read ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Fault:
    """What is wrong with choices, in words, and the choice that it stands beside."""

    choice: str
    words: str


def faults_of(choices: Choices, pictures: Mapping[str, CertificatePicture]) -> list[Fault]:
    """Whatever would make a certificate hard to read, or say what nobody meant."""
    found = [*_faults_of_colours(choices, pictures), *_faults_of_wording(choices)]
    for name, words in (("logo", _("the logo")), ("seal", _("the seal"))):
        if choices[name] and not choices[name]["alternative"].strip():
            found.append(Fault(f"{name}_alternative", _("Say in words what {what} shows.").format(what=words)))
    return found


def _faults_of_colours(choices: Choices, pictures: Mapping[str, CertificatePicture]) -> Iterable[Fault]:
    palette = Palette(**choices["palette"])
    for name, colour in asdict(palette).items():
        if not design.is_colour(colour):
            yield Fault(name, _("A colour is # with six digits, as in #0A5C60."))
            return
    for name, colour in (("ink", palette.ink), ("accent", palette.accent)):
        ratio = design.contrast(colour, palette.paper)
        if ratio < design.LEAST_CONTRAST:
            words = _("It cannot be read on this paper: their contrast is {ratio} to 1, and text needs {least} to 1.")
            yield Fault(name, words.format(ratio=f"{ratio:.1f}", least=design.LEAST_CONTRAST))
        if choices["background"]:
            behind = pictures[choices["background"]["sha256"]]
            light = design.luminance_of(colour)
            worst = min(design.contrast_of(light, each) for each in (behind.darkest, behind.lightest))
            if worst < design.LEAST_CONTRAST:
                words = _(
                    "It cannot be read on all of the background picture: where they are nearest, their contrast is "
                    "{ratio} to 1, and text needs {least} to 1. Choose another colour, or a paler picture."
                )
                yield Fault(name, words.format(ratio=f"{worst:.1f}", least=design.LEAST_CONTRAST))


def _faults_of_wording(choices: Choices) -> Iterable[Fault]:
    for name in _WORDINGS:
        try:
            design.places_in(choices[name])
        except design.BadWording as bad:
            words = _("“{brace}” is no place that can be filled. There are: {places}.")
            places = ", ".join(f"{{{place}}}" for place in design.PLACES)
            yield Fault(name, words.format(brace=bad, places=places))


# --- what was in force --------------------------------------------------------------------------------------------

_kept: dict[UUID, Design] = {}


def designs_of(credentials: Sequence[Credential], kinds: Sequence[str]) -> list[Design]:
    """For each credential, of an achievement of the kind beside it, how its certificate looks.

    The version counts that was in force when it was issued, of its issuer or else of the nearest one above; so a
    certificate drawn again looks as before. One query where nobody has a template, four at most.
    """
    published = list(CertificateTemplate.objects.filter(published_at__isnull=False).defer("choices"))
    if not published:
        return [BUILT_IN] * len(credentials)
    above = dict(Issuer.objects.values_list("pk", "parent"))
    chosen = [
        _nearest(published, above, credential.issuer_id, scope_of(kind), credential.issued_at)
        for credential, kind in zip(credentials, kinds, strict=True)
    ]
    read = _read({template for template in chosen if template is not None})
    return [BUILT_IN if template is None else read[template.uuid] for template in chosen]


def in_force(issuer: Issuer, scope: str, *, at: datetime) -> CertificateTemplate | None:
    """The version by which an issuer's certificates are drawn; of one above where it has none. None: the built-in."""
    return all_in_force([issuer], at=at)[issuer.pk, scope]


def all_in_force(issuers: Sequence[Issuer], *, at: datetime) -> dict[tuple[int, str], CertificateTemplate | None]:
    """The same for many issuers and every scope, in two queries."""
    published = CertificateTemplate.objects.filter(published_at__isnull=False).select_related("issuer").defer("choices")
    found, above = list(published), dict(Issuer.objects.values_list("pk", "parent"))
    return {
        (issuer.pk, scope.value): _nearest(found, above, issuer.pk, scope, at) for issuer in issuers for scope in Scope
    }


def read(template: CertificateTemplate) -> Design:
    """What a published version means."""
    return _read({template})[template.uuid]


def _nearest(
    published: Sequence[CertificateTemplate],
    above: Mapping[int, int | None],
    issuer_id: int,
    scope: str,
    at: datetime,
) -> CertificateTemplate | None:
    here: int | None = issuer_id
    for _level in range(DEEPEST_TREE + 1):
        for template in published:
            if template.issuer_id == here and template.scope == scope and template.in_force(at):
                return template
        here = above.get(here) if here is not None else None
        if here is None:
            return None
    return None


def _read(templates: set[CertificateTemplate]) -> dict[UUID, Design]:
    found = {template.uuid: _kept[template.uuid] for template in templates if template.uuid in _kept}
    unread = [template.pk for template in templates if template.uuid not in found]
    if unread:
        if len(_kept) > _MOST_KEPT:
            _kept.clear()
        rows = list(CertificateTemplate.objects.filter(pk__in=unread))
        wanted = {sha256 for row in rows for sha256 in pictures_named(row.choices)}
        issuers = {row.issuer_id for row in rows}
        pictures = {
            (each.issuer_id, each.sha256): each
            for each in CertificatePicture.objects.filter(issuer__in=issuers, sha256__in=wanted)
        }
        for row in rows:
            own = {sha256: each for (issuer_id, sha256), each in pictures.items() if issuer_id == row.issuer_id}
            found[row.uuid] = _kept[row.uuid] = design_of(row.choices, own)
    return found
