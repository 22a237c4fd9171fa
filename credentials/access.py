"""Finds what a person may see or act on, and answers "not found" for all else, whether it exists or not (T1)."""

import uuid

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404

from credentials import queries
from credentials.former_names import bears_former_name
from credentials.models import (
    Achievement,
    Award,
    CertificateProof,
    CertificateTemplate,
    CheckSheet,
    Claim,
    Credential,
    Endorsement,
    GivenEndorsement,
    Issuer,
    IssuerRole,
    LearnerRecord,
    TrustedIssuer,
)
from portal.accounts.models import User

REGISTRAR = IssuerRole.Role.REGISTRAR
ADMINISTRATOR = IssuerRole.Role.ADMINISTRATOR


def has_role(user: User, issuer: Issuer, role: str) -> bool:
    """Whether the person has the role for the issuer or for one above it. The site's administrators administer all."""
    if not user.is_authenticated or not user.is_active:
        return False
    if user.is_superuser and role == ADMINISTRATOR:
        return True
    line = [above.pk for above in queries.ancestry(issuer)]
    return IssuerRole.objects.filter(user=user, issuer__in=line, role=role).exists()


def issuers_of(user: User, role: str) -> QuerySet[Issuer]:
    """All issuers for which the person has the role, those below included."""
    if user.is_superuser and role == ADMINISTRATOR:
        return Issuer.objects.all()
    granted = set(IssuerRole.objects.filter(user=user, role=role).values_list("issuer", flat=True))
    children: dict[int | None, list[int]] = {}
    if granted:
        for child, parent in Issuer.objects.filter(parent__isnull=False).values_list("pk", "parent"):
            children.setdefault(parent, []).append(child)
    waiting, reached = list(granted), set(granted)
    while waiting:
        below = [child for child in children.get(waiting.pop(), []) if child not in reached]
        reached.update(below)
        waiting.extend(below)
    return Issuer.objects.filter(pk__in=reached)


def issuer_for_administrator(user: User, slug: str) -> Issuer:
    return _for_role(user, get_object_or_404(Issuer, slug=slug), ADMINISTRATOR)


def published_achievement(slug: str) -> Achievement:
    """For anybody: what is in the catalogue, or was once."""
    found = Achievement.objects.exclude(state=Achievement.State.DRAFT).select_related("issuer")
    return get_object_or_404(found, slug=slug)


def award_for_registrar(user: User, award_uuid: str | uuid.UUID) -> Award:
    award = get_object_or_404(Award.objects.select_related("achievement__issuer", "learner"), uuid=_uuid(award_uuid))
    _for_role(user, award.achievement.issuer, REGISTRAR)
    return award


def credential_for_holder(user: User, credential_uuid: str | uuid.UUID) -> Credential:
    """The learner's own credential, at any stage: a page may say how far it is, but shows it only once it is logged."""
    return get_object_or_404(_credentials(), uuid=_uuid(credential_uuid), award__learner=user)


def finished_credential_for_holder(user: User, credential_uuid: str | uuid.UUID) -> Credential:
    """The learner's own credential once it may be shown and downloaded (I4)."""
    return get_object_or_404(
        _credentials(), uuid=_uuid(credential_uuid), award__learner=user, state=Credential.State.LOGGED
    )


def shared_credential(code: str) -> Credential:
    """For anybody with the code: a logged credential that its holder shares (I4, T13)."""
    return get_object_or_404(_credentials(), code=code, state=Credential.State.LOGGED, shared_at__isnull=False)


def may_see_credential(user: User | AnonymousUser, credential: Credential) -> bool:
    """Whether a page may show it: to its holder, to the issuer's registrars, and to all while it is shared."""
    if not credential.is_finished:
        return False
    return credential.shared_at is not None or _is_concerned(user, credential)


def may_have_files(user: User | AnonymousUser, credential: Credential) -> bool:
    """Whether its document and files are handed out: as its page is shown, but of an edition that bears a former name
    only to those whom it concerns (decision 0025).
    """
    if not may_see_credential(user, credential):
        return False
    return not bears_former_name(credential) or _is_concerned(user, credential)


def _is_concerned(user: User | AnonymousUser, credential: Credential) -> bool:
    return user.is_authenticated and (
        credential.award.learner_id == user.pk or has_role(user, credential.issuer, REGISTRAR)
    )


def record_for_holder(user: User, record_uuid: str | uuid.UUID) -> LearnerRecord:
    """The learner's own record, at any stage."""
    related = ("issuer", "award__achievement", "learner", "transcript", "superseded_by")
    found = LearnerRecord.objects.select_related(*related)
    return get_object_or_404(found, uuid=_uuid(record_uuid), learner=user)


def may_see_record(user: User | AnonymousUser, record: LearnerRecord) -> bool:
    """Whether a page may show it: to its holder, and to all while it is shared. It is nobody else's."""
    if not record.is_finished:
        return False
    return record.shared_at is not None or (user.is_authenticated and record.learner_id == user.pk)


def may_have_files_of_record(user: User | AnonymousUser, record: LearnerRecord) -> bool:
    """Whether its document and transcript are handed out; those that bear a former name only to its holder."""
    if not may_see_record(user, record):
        return False
    return not bears_former_name(record) or (user.is_authenticated and record.learner_id == user.pk)


def registers(user: User) -> bool:
    """Whether the person registers for any issuer."""
    return IssuerRole.objects.filter(user=user, role=REGISTRAR).exists()


def issuers_of_registrar(user: User) -> QuerySet[Issuer]:
    """The issuers for which the person registers; not found for whoever registers for none."""
    found = issuers_of(user, REGISTRAR)
    if not found.exists():
        raise Http404
    return found


def issuer_for_registrar(user: User, slug: str) -> Issuer:
    return _for_role(user, get_object_or_404(Issuer, slug=slug), REGISTRAR)


def published_achievement_for_registrar(user: User, slug: str) -> Achievement:
    found = Achievement.objects.filter(state=Achievement.State.PUBLISHED).select_related("issuer")
    achievement = get_object_or_404(found, slug=slug)
    _for_role(user, achievement.issuer, REGISTRAR)
    return achievement


def claims_of(user: User) -> QuerySet[Claim]:
    """What the reader has handed in from elsewhere and not taken back, the latest first."""
    return Claim.objects.filter(learner=user, dropped_at__isnull=True)


def claim_for_learner(user: User, claim_uuid: uuid.UUID) -> Claim:
    return get_object_or_404(claims_of(user).select_related("trusted", "part_of"), uuid=claim_uuid)


def endorsement_for_registrar(user: User, endorsement_uuid: uuid.UUID) -> Endorsement:
    found = Endorsement.objects.select_related("achievement__issuer", "issuer", "trusted")
    endorsement = get_object_or_404(found, uuid=endorsement_uuid)
    issuer = endorsement.issuer or (endorsement.achievement.issuer if endorsement.achievement else None)
    if issuer is None or not has_role(user, issuer, REGISTRAR):
        raise Http404
    return endorsement


def given_endorsement_for_registrar(user: User, given_uuid: uuid.UUID) -> GivenEndorsement:
    given = get_object_or_404(GivenEndorsement.objects.select_related("issuer"), uuid=given_uuid)
    _for_role(user, given.issuer, REGISTRAR)
    return given


def check_sheet_by_code(code: str) -> CheckSheet:
    """Whoever has the code may read the sheet; it was told only to who handed the list in."""
    return get_object_or_404(CheckSheet, code=code)


def keeps_registry_of_trust(user: User | AnonymousUser) -> bool:
    """Whether the person may say on which other houses this site relies: a matter of a whole institution."""
    if not user.is_authenticated or not user.is_active:
        return False
    roles = IssuerRole.objects.filter(user=user, issuer__parent__isnull=True, role__in=[REGISTRAR, ADMINISTRATOR])
    return user.is_superuser or roles.exists()


def refuse_unless_keeping_trust(user: User) -> None:
    if not keeps_registry_of_trust(user):
        raise Http404


def trusted_issuer_for_keeper(user: User, entry_uuid: uuid.UUID) -> TrustedIssuer:
    """An entry that still stands, for who may change it."""
    refuse_unless_keeping_trust(user)
    return get_object_or_404(TrustedIssuer, uuid=entry_uuid, withdrawn_at__isnull=True)


def issuers_designed_by(user: User) -> QuerySet[Issuer]:
    """Whose certificates the person may design: as registrar or administrator, here or above. Nobody's: not found."""
    found = issuers_of(user, REGISTRAR) | issuers_of(user, ADMINISTRATOR)
    if not found.exists():
        raise Http404
    return found


def issuer_for_designing(user: User, slug: str, scope: str) -> Issuer:
    """The issuer, for who may design its certificates of that kind."""
    issuer = get_object_or_404(Issuer.objects.select_related("parent"), slug=slug)
    if scope not in CertificateTemplate.Scope.values:
        raise Http404
    if not has_role(user, issuer, REGISTRAR):
        _for_role(user, issuer, ADMINISTRATOR)
    return issuer


def draft_template(issuer: Issuer, scope: str) -> CertificateTemplate:
    """The draft of an issuer that `issuer_for_designing` has found."""
    found = CertificateTemplate.objects.select_related("author")
    return get_object_or_404(found, issuer=issuer, scope=scope, published_at__isnull=True)


def template_without_end(issuer: Issuer, scope: str) -> CertificateTemplate:
    """The version that counts, or will in a minute, of an issuer that `issuer_for_designing` has found."""
    found = CertificateTemplate.objects.filter(published_at__isnull=False, ends_at__isnull=True)
    return get_object_or_404(found, issuer=issuer, scope=scope)


def proof_for_designing(user: User, proof_uuid: uuid.UUID, *, drawn: bool = False) -> CertificateProof:
    """A sample, for who may design that issuer's certificates; with `drawn` only once there is a picture of it."""
    found = CertificateProof.objects.select_related("issuer__parent")
    if not drawn:
        found = found.defer("picture")
    proof = get_object_or_404(found, uuid=proof_uuid)
    issuer_for_designing(user, proof.issuer.slug, proof.scope)
    if drawn and proof.picture is None:
        raise Http404
    return proof


def _credentials() -> QuerySet[Credential]:
    return Credential.objects.select_related("award__achievement__issuer", "award__learner", "issuer", "status_list")


def _for_role(user: User, issuer: Issuer, role: str) -> Issuer:
    if not has_role(user, issuer, role):
        raise Http404
    return issuer


def _uuid(value: str | uuid.UUID) -> uuid.UUID:
    try:
        return value if isinstance(value, uuid.UUID) else uuid.UUID(value)
    except ValueError:
        raise Http404 from None
