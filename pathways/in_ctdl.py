"""Gathers what a pathway, or a rule by itself, is called and where it is found, and writes it in CTDL."""

from collections.abc import Callable
from decimal import Decimal

from django.conf import settings
from django.urls import reverse
from django.utils import translation

from credentials import addresses
from credentials.models import Achievement
from pathways import ctdl, rulebook
from pathways.ctdl import Described, Subject, Written
from pathways.models import Pathway, RuleVersion
from pathways.queries import names_of_keys
from pathways.rules import notation
from pathways.rules.explain import Speaker
from pathways.rules.requirement import Requirement, Rule


def pathway_in_ctdl(pathway: Pathway) -> Written | None:
    """The pathway by the rule of its target that is in force; none if there is none. Needs target and issuer loaded."""
    version = _in_force(pathway.target)
    if version is None:
        return None
    return _written(
        rulebook.entry_of(version).rule,
        pathway.target,
        document=settings.SITE_URL + reverse("pathway-ctdl", args=[pathway.slug]),
        ctid=f"ce-{pathway.uuid}",
        name=pathway.title,
        description=pathway.summary or pathway.description,
        url=settings.SITE_URL + pathway.get_absolute_url(),
        owner=addresses.issuer_url(pathway.issuer),
    )


def rule_in_ctdl(achievement: Achievement) -> Written | None:
    """The rule in force of an achievement, as a pathway to it; none if there is none. Needs the issuer loaded."""
    version = _in_force(achievement)
    if version is None:
        return None
    url = addresses.achievement_url(achievement)
    return _written(
        rulebook.entry_of(version).rule,
        achievement,
        document=settings.SITE_URL + reverse("achievement-ctdl", args=[achievement.slug]),
        ctid=ctdl.ctid_of(url, "rule"),
        name=achievement.name,
        description=achievement.summary,
        url=settings.SITE_URL + reverse("achievement", args=[achievement.slug]),
        owner=addresses.issuer_url(achievement.issuer),
    )


def _in_force(achievement: Achievement) -> RuleVersion | None:
    versions = RuleVersion.objects.filter(achievement=achievement, state=RuleVersion.State.PUBLISHED)
    return versions.select_related("achievement").first()


def _written(
    rule: Rule, target: Achievement, *, document: str, ctid: str, name: str, description: str, url: str, owner: str
) -> Written:
    keys = {key for kind, key in notation.references(rule) if kind in {"award", "grade"} and key != "*"}
    names = names_of_keys({key for key in keys if "/" in key})
    described = {key: Described(name=name, url=_course_url(key)) for key, name in names.items()}
    slugs = {key for key in keys if "/" not in key} | {target.slug}
    for each in Achievement.objects.filter(slug__in=slugs):
        described[each.slug] = Described(
            name=each.name,
            url=addresses.achievement_url(each),
            kind=each.kind,
            credits=_plain(each.credits) if each.credits else "",
        )
    with translation.override(target.language):
        return ctdl.written(
            rule,
            Subject(
                document=document,
                ctid=ctid,
                name=name,
                description=description,
                url=url,
                language=target.language,
                owner=owner,
                target=target.slug,
                described=described,
                words=_words({key: each.name for key, each in described.items()}),
            ),
        )


def _words(names: dict[str, str]) -> Callable[[Requirement], str]:
    speaker = Speaker(names, translation)

    def words(part: Requirement) -> str:
        phrase = speaker.part(part, inside=False)
        return phrase[:1].upper() + phrase[1:]

    return words


def _course_url(assessment: str) -> str:
    return settings.SITE_URL + reverse("course", args=[assessment.partition("/")[0]])


def _plain(amount: Decimal) -> str:
    return f"{amount.normalize():f}"
