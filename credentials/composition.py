"""Composes what a credential says: rows of the database in, the Open Badges 3.0 document to be signed out."""

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from credentials import addresses
from credentials.models import Achievement, Award, Credential, Issuer
from credentials.standards import open_badges
from credentials.standards.open_badges import Alignment, Descriptor

Json = dict[str, Any]

MOST_RESULTS, LONGEST_RESULT = 4, 60
EQF = "European Qualifications Framework"
# What the older standard calls an achievement.
BADGE_CLASS = "https://w3id.org/openbadges#BadgeClass"
_DESCRIPTOR = re.compile(r"^- \*\*(.+?)\*\*: (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Part:
    """A component credential that a qualification was built on: its name, the address of its document, its row."""

    name: str
    url: str
    credential: Credential | None = field(default=None, compare=False)


def as_text(document: Json) -> str:
    """How documents are written here: the bytes that are hashed, stored, logged and served."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def parsed(text: str) -> Json:
    document: Json = json.loads(text)
    return document


def body(
    credential: Credential, award: Award, achievement: Achievement, *, email: str, parts: Sequence[Part] = ()
) -> Json:
    """The unsigned document. Reads skills and issuer of the achievement, which a caller with many should prefetch."""
    with translation.override(achievement.language):
        return open_badges.compose(
            id=credential.document_url,
            issuer=replace(profile(achievement.issuer), endorsements=_endorsements(achievement.issuer, credential)),
            achievement=replace(_description(achievement, award), endorsements=_endorsements(achievement, credential)),
            recipient=open_badges.Recipient(name=credential.recipient_name, email=email, salt=credential.identity_salt),
            awarded_at=award.awarded_at,
            valid_from=credential.issued_at,
            valid_until=_end_of(award.valid_until) if award.valid_until else None,
            status=open_badges.StatusEntry(list_url=credential.status_list.url, index=credential.status_index),
            results=[*_result_lines(achievement, award), *_criterion_lines(achievement, award)],
            evidence=[open_badges.EvidenceItem(url=part.url, name=part.name) for part in parts],
            related=[_derivation(credential)] if credential.derivation else [],
            credits_earned=achievement.credits or None,
            term=_term(award),
            source=_named(award.source) if award.source else None,
            refresh_url=credential.newest_url,
            terms_url=achievement.issuer.terms_url,
            declares_schema=True,
        )


def _endorsements(endorsed: Achievement | Issuer, credential: Credential) -> list[Json]:
    """What others signed about it that is in force when the credential is issued."""
    return [parsed(each.document) for each in endorsed.endorsements.all() if each.is_in_force(credential.issued_at)]


def _result_lines(achievement: Achievement, award: Award) -> Iterator[open_badges.ResultLine]:
    for place, result in enumerate(award.results, start=1):
        yield open_badges.ResultLine(
            description_id=_result_description_id(achievement, place), value=str(result["value"])
        )


def _criterion_lines(achievement: Achievement, award: Award) -> Iterator[open_badges.ResultLine]:
    for place, criterion in enumerate(award.criteria, start=1):
        id_ = _criterion_id(achievement, place)
        if "score" in criterion:
            yield open_badges.ResultLine(description_id=id_, value=criterion["score"]["marks"])
        else:
            level = _level_id(achievement, place, criterion["achieved"])
            yield open_badges.ResultLine(description_id=id_, achieved_level=level)


def _term(award: Award) -> str:
    """The run of the course in which all that is said of was judged (ISO 8601, from/until); empty if it was not one."""
    terms = {each["score"].get("term", "") for each in award.criteria if "score" in each}
    return terms.pop() if len(terms) == 1 else ""


def _derivation(credential: Credential) -> open_badges.RelatedFile:
    return open_badges.RelatedFile(
        url=credential.derivation_url,
        sha256=hashlib.sha256(credential.derivation.encode("utf-8")).hexdigest(),
        media_type="application/json",
    )


def achievement_document(achievement: Achievement) -> Json:
    """The achievement as served at its own address, for programs that follow the id in a credential."""
    with translation.override(achievement.language):
        described = _description(achievement, Award(achievement=achievement, results=[]))
        # The same in the older standard: only here, where no signature holds on to it.
        old = open_badges.Related(id=addresses.old_badge_class_url(achievement), type=BADGE_CLASS)
        described = replace(described, related=[*described.related, old])
        return open_badges.compose_achievement(described, profile(achievement.issuer))


@dataclass(frozen=True)
class Statement:
    """What a document says, as a certificate prints it; read from what was signed, whatever was edited since."""

    learner_name: str
    achievement_name: str
    issuer_name: str
    language: str
    description: str = ""
    parent_issuer_name: str = ""
    outcomes: tuple[str, ...] = ()
    level: str = ""
    credits: str = ""
    results: tuple[tuple[str, str], ...] = ()
    parts: tuple[Part, ...] = ()
    kind: str = ""
    hours: str = ""
    skills: tuple[str, ...] = ()


def statement_of(document: Json) -> Statement:
    """The reverse of `body`, for documents that it composed."""
    subject = document["credentialSubject"]
    achievement = subject["achievement"]
    language = achievement.get("inLanguage", "en")
    outcomes, level, hours = _described(achievement["criteria"].get("narrative", ""), language)
    return Statement(
        learner_name=next(one["identityHash"] for one in subject["identifier"] if one["identityType"] == "name"),
        achievement_name=achievement["name"],
        issuer_name=document["issuer"]["name"],
        language=language,
        description=achievement["description"],
        parent_issuer_name=document["issuer"].get("parentOrg", {}).get("name", ""),
        outcomes=outcomes,
        level=level,
        credits=_credits_in_words(subject.get("creditsEarned"), language),
        # What paper has room for; all of them stand in the document.
        results=tuple(each for each in _results(subject) if len(each[1]) <= LONGEST_RESULT)[:MOST_RESULTS],
        parts=tuple(Part(item.get("name", ""), item["id"]) for item in document.get("evidence", [])),
        kind=achievement.get("achievementType", ""),
        hours=hours,
        skills=tuple(
            each.get("targetName", "")
            for each in achievement.get("alignment", [])
            if each.get("targetFramework") != EQF
        ),
    )


# Many come one after the other who earned the same.
@lru_cache(64)
def _described(narrative: str, language: str) -> tuple[tuple[str, ...], str, str]:
    """Outcomes, level and hours, as `_descriptors` named them."""
    said: dict[str, list[str]] = {}
    for label, text in _DESCRIPTOR.findall(narrative):
        said.setdefault(label, []).append(text)
    with translation.override(language):
        # The framework's long name would not fit where paper has room for a level.
        level = next(iter(said.get(_("Level"), [])), "").replace(EQF, "EQF")
        return tuple(said.get(_("Learning outcome"), [])), level, next(iter(said.get(_("Workload"), [])), "")


@lru_cache(64)
def _credits_in_words(count: float | None, language: str) -> str:
    with translation.override(language):
        # One is the only number of which all languages say it otherwise; halves are counted as many.
        words = ngettext("{count} ECTS credit", "{count} ECTS credits", 1 if count == 1 else 2)
        return words.format(count=f"{count:g}") if count else ""


def _results(subject: Json) -> Iterator[tuple[str, str]]:
    names = {each["id"]: each["name"] for each in subject["achievement"].get("resultDescription", [])}
    for each in subject.get("result", []):
        # Paper has no room for how each criterion was judged, nor each work.
        if "value" in each and "#criterion-" not in each.get("resultDescription", ""):
            yield names.get(each.get("resultDescription", ""), ""), str(each["value"])


def _end_of(day: date) -> datetime:
    """The last second of the day: it counts whole, in the institution's own time zone."""
    next_day = datetime.combine(day + timedelta(days=1), time.min, ZoneInfo(settings.TIME_ZONE))
    return next_day - timedelta(seconds=1)


def profile(issuer: Issuer) -> open_badges.IssuerProfile:
    """The issuer as it stands in what it signs."""
    return open_badges.IssuerProfile(
        id=addresses.issuer_did(issuer),
        name=issuer.name,
        url=issuer.url or addresses.issuer_url(issuer),
        description=issuer.description,
        email=issuer.email,
        country_code=issuer.country_code,
        region=issuer.region,
        locality=issuer.locality,
        official=issuer.official,
        identifiers=[open_badges.identifier_of(line) for line in issuer.identifiers],
        parent=_named(issuer.parent) if issuer.parent else None,
    )


def _named(issuer: Issuer) -> open_badges.IssuerProfile:
    """A body beside the one that issues, with no more than who it is."""
    return open_badges.IssuerProfile(
        id=addresses.issuer_did(issuer), name=issuer.name, url=issuer.url or addresses.issuer_url(issuer)
    )


def _description(achievement: Achievement, award: Award) -> open_badges.AchievementDescription:
    skills = list(achievement.skills.all())
    return open_badges.AchievementDescription(
        id=addresses.achievement_url(achievement),
        name=achievement.name,
        description=achievement.description or achievement.summary,
        achievement_type=achievement.kind,
        criteria_narrative=achievement.criteria,
        criteria_url=addresses.achievement_url(achievement),
        descriptors=list(_descriptors(achievement)),
        alignments=list(_alignments(achievement)),
        image=open_badges.Image(url=addresses.badge_url(achievement), caption=achievement.image_alt),
        credits=achievement.credits or None,
        # A skill without an address in a framework cannot be an alignment.
        tags=list(dict.fromkeys([*achievement.tags, *(skill.name for skill in skills if not skill.url)])),
        human_code=achievement.code,
        in_language=achievement.language,
        field_of_study=achievement.subject,
        specialization=achievement.specialization,
        version=str(achievement.version),
        identifiers=[open_badges.identifier_of(line) for line in achievement.identifiers],
        related=[_same(achievement.translation_of)] if achievement.translation_of else [],
        result_descriptions=[
            *(
                open_badges.ResultDescription(
                    id=_result_description_id(achievement, place), name=str(result["name"]), result_type="Result"
                )
                for place, result in enumerate(award.results, start=1)
            ),
            *(_criterion(achievement, place, each) for place, each in enumerate(award.criteria, start=1)),
        ],
    )


def _same(other: Achievement) -> open_badges.Related:
    return open_badges.Related(
        id=addresses.achievement_url(other), in_language=other.language, version=str(other.version)
    )


def _criterion(achievement: Achievement, place: int, criterion: Json) -> open_badges.ResultDescription:
    if "score" in criterion:
        return open_badges.ResultDescription(
            id=_criterion_id(achievement, place),
            name=criterion["name"],
            result_type="RawScore",
            value_min="0",
            value_max=criterion["score"]["out_of"],
            required_value=criterion["score"]["pass_marks"],
        )
    required = criterion.get("required")
    return open_badges.ResultDescription(
        id=_criterion_id(achievement, place),
        name=criterion["name"],
        result_type="RubricCriterionLevel",
        required_level=_level_id(achievement, place, required) if required else "",
        levels=[
            open_badges.RubricLevel(
                id=_level_id(achievement, place, number),
                name=level["name"],
                description=level.get("description", ""),
                level=str(number + 1),
                points=level.get("points", ""),
            )
            for number, level in enumerate(criterion["levels"])
        ],
    )


def _descriptors(achievement: Achievement) -> Iterator[Descriptor]:
    """What the EU standard for micro-credentials asks for, and Open Badges has no property for."""
    language = achievement.language
    for outcome in achievement.outcomes:
        yield Descriptor(label=_label(language, gettext_noop("Learning outcome")), text=outcome)
    if achievement.level:
        label = _label(language, gettext_noop("Level"))
        yield Descriptor(label=label, text=f"{achievement.level_framework} {achievement.level}")
    if achievement.workload_hours:
        hours = f"{achievement.workload_hours.normalize():f}"
        said = _label(language, gettext_noop("{hours} hours")).format(hours=hours)
        yield Descriptor(label=_label(language, gettext_noop("Workload")), text=said)
    if achievement.assessment_type:
        label = _label(language, gettext_noop("Type of assessment"))
        yield Descriptor(label=label, text=achievement.assessment_type)
    label = _label(language, gettext_noop("Form of participation"))
    yield Descriptor(label=label, text=_chosen(language, "participation", achievement.participation))
    label = _label(language, gettext_noop("Supervision and identity check"))
    yield Descriptor(label=label, text=_chosen(language, "supervision", achievement.supervision))
    if assurance := achievement.quality_assurance or achievement.issuer.quality_assurance:
        yield Descriptor(label=_label(language, gettext_noop("Quality assurance")), text=assurance)


# Each award says these anew, and translating one takes longer than writing the whole description.
@lru_cache(maxsize=512)
def _label(language: str, message: str) -> str:
    with translation.override(language):
        return translation.gettext(message)


@lru_cache(maxsize=512)
def _chosen(language: str, name: str, value: str) -> str:
    """What a choice of an achievement is called."""
    field_of: Any = Achievement._meta.get_field(name)
    choices = dict(field_of.flatchoices)
    with translation.override(language):
        return str(choices.get(value, value))


def _alignments(achievement: Achievement) -> Iterator[Alignment]:
    if achievement.level and achievement.level_framework == EQF:
        yield open_badges.eqf_alignment(achievement.level, f"EQF {achievement.level}")
    for skill in achievement.skills.all():
        if skill.url:
            yield Alignment(name=skill.name, url=skill.url, framework=skill.framework, type="ceasn:Competency")


def _result_description_id(achievement: Achievement, place: int) -> str:
    return f"{addresses.achievement_url(achievement)}#result-{place}"


def _criterion_id(achievement: Achievement, place: int) -> str:
    return f"{addresses.achievement_url(achievement)}#criterion-{place}"


def _level_id(achievement: Achievement, place: int, number: int) -> str:
    return f"{_criterion_id(achievement, place)}-level-{number + 1}"
