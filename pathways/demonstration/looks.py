"""Gives the badges and certificates of the demonstration college their looks, as its registrars chose them."""

from datetime import datetime

from credentials import renditions
from credentials.designs import badges, designing, designs
from credentials.models import Achievement, CertificateTemplate, Issuer
from pathways.demonstration import content
from pathways.demonstration.college import College, Fields
from portal.accounts.models import User


def compose_badge(college: College, achievement: Achievement) -> Achievement:
    """Compose and publish the badge of a draft, so that the first credential already bears it."""
    described = content.looks()
    look = badges.look_of(
        {
            "shape": described["shapes"][achievement.kind],
            "symbol": described["symbols"][achievement.slug],
            **described["issuers"][achievement.issuer.slug],
        }
    )
    art = renditions.art_with(achievement, look)
    badges.save_draft(
        achievement=achievement,
        chosen=look,
        words=badges.words_of(art, achievement.language),
        by=college.people["rhea"],
        at=college.opened_at,
    )
    badges.publish(achievement=achievement, art=art, by=college.people["baptiste"], at=college.opened_at)
    achievement.refresh_from_db()
    return achievement


def draft_certificate(college: College) -> None:
    """Draft how certificates of one issuer look; a worker draws its samples, without which nothing is published."""
    issuer, scope, described = _certificate()
    if CertificateTemplate.objects.filter(issuer=issuer, scope=scope).exists():
        return
    built_in = designs.built_in_choices()
    chosen = {key: described[key] for key in ("frame", "palette", "before_name", "after_name", "closing")}
    signers = [{**signer, "picture": None} for signer in described["signers"]]
    choices = built_in | chosen | {"signers": signers, "blocks": [*built_in["blocks"], "skills"]}
    # The samples are kept for some days from when they were asked for, so they are asked for today.
    designing.save_draft(issuer=issuer, scope=scope, choices=choices, by=college.people["rhea"], at=college.at)


def publish_certificate(by: User, *, at: datetime) -> bool:
    """Publish the draft once its samples are drawn; say whether nothing more is to be waited for."""
    issuer, scope, described = _certificate()
    if not CertificateTemplate.objects.filter(issuer=issuer, scope=scope, published_at__isnull=True).exists():
        return True
    try:
        designing.publish(issuer=issuer, scope=scope, reason=described["reason"], by=by, at=at)
    except designing.NotProved:
        return False
    return True


def _certificate() -> tuple[Issuer, str, Fields]:
    described = content.looks()["certificate"]
    return Issuer.objects.get(slug=described["issuer"]), described["scope"], described
