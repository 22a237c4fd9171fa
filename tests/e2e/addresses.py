"""Every address of the site, what fills it, and what each role is answered; the administration walks by itself."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.e2e import small_wallet

# In the order of `small_college.ROLES`: visitor, Noor the stranger, Lena who learns, Ivo, Rhea, Ada.
ALL = "200 200 200 200 200 200"
GONE_ELSEWHERE = "302 302 302 302 302 302"
MEMBER = "302 200 200 200 200 200"
POSTED = "302 405 405 405 405 405"
ANYONE_POSTS = "405 405 405 405 405 405"
LENA = "302 404 200 404 404 404"
MARKERS = "302 404 404 200 404 200"
REGISTRAR = "302 404 404 404 200 404"
ADMINISTRATOR = "302 404 404 404 404 200"
# Keys are touched only by who has just shown again who they are.
ASKED_AGAIN = "302 404 404 404 404 302"
REGISTRY = "302 404 404 404 200 200"
# The API tells a visitor to say who is asking.
TOKEN = "401 200 200 200 200 200"
# Cookies open nothing to wallets.
WALLETS = "401 401 401 401 401 401"


@dataclass(frozen=True)
class Row:
    """One address: what fills it (a key of the college, a part of one after a dot, or the values), and the answers."""

    expected: str
    filled: Any = None
    query: str = ""
    # Whether its page, if it is one, is looked at in the browser; near twins of a page are not.
    looked_at: bool = True


ROWS: dict[str, Row] = {
    "portal:appearance": Row(ANYONE_POSTS),
    "portal:language": Row(ANYONE_POSTS),
    "portal:live": Row(ALL),
    "portal:ready": Row(ALL),
    "developers": Row(ALL),
    "help": Row(ALL),
    "accessibility": Row(ALL),
    "privacy": Row(ALL),
    # Accounts.
    "tokens": Row(MEMBER),
    "token-withdraw": Row(POSTED, "token"),
    "account_login": Row("200 302 302 302 302 302"),
    "account_logout": Row(MEMBER),
    "account_inactive": Row(ALL),
    "account_signup": Row("200 302 302 302 302 302"),
    "account_reauthenticate": Row(MEMBER),
    "account_email": Row(MEMBER),
    "account_email_verification_sent": Row(ALL),
    "account_change_password": Row(MEMBER),
    "account_set_password": Row(GONE_ELSEWHERE),
    "account_reset_password": Row(ALL),
    "account_confirm_login_code": Row(GONE_ELSEWHERE),
    "account_confirm_email": Row(ALL, {"key": "nonsense"}),
    "account_reset_password_from_key": Row(ALL, {"uidb36": "1", "key": "nonsense"}),
    "account_reset_password_from_key_done": Row(ALL),
    "account_reset_password_done": Row(ALL),
    "account_request_login_code": Row("200 302 302 302 302 302"),
    "mfa_index": Row(MEMBER),
    "mfa_authenticate": Row(GONE_ELSEWHERE),
    "mfa_reauthenticate": Row(GONE_ELSEWHERE),
    "mfa_activate_totp": Row(GONE_ELSEWHERE),
    "mfa_deactivate_totp": Row("302 404 404 404 404 404"),
    "mfa_view_recovery_codes": Row("302 404 404 404 404 404"),
    "mfa_generate_recovery_codes": Row(GONE_ELSEWHERE),
    "mfa_download_recovery_codes": Row("302 404 404 404 404 404"),
    "mfa_list_webauthn": Row(MEMBER),
    "mfa_add_webauthn": Row(GONE_ELSEWHERE),
    "mfa_reauthenticate_webauthn": Row(GONE_ELSEWHERE),
    "mfa_remove_webauthn": Row(GONE_ELSEWHERE, {"pk": 1}),
    "mfa_edit_webauthn": Row(GONE_ELSEWHERE, {"pk": 1}),
    "mfa_login_webauthn": Row(GONE_ELSEWHERE),
    "usersessions_list": Row(MEMBER),
    # The API.
    "api-schema": Row(ALL),
    "api-achievements": Row(ALL),
    "api-achievement": Row(ALL, "slug.achievement"),
    "api-courses": Row(ALL),
    "api-course": Row(ALL, "slug.course"),
    "api-course-grades": Row("401 405 405 405 405 405", "slug.course"),
    "api-pathways": Row(ALL),
    "api-pathway": Row(ALL, "slug.pathway"),
    "api-me-courses": Row(TOKEN),
    "api-me-grades": Row(TOKEN),
    "api-me-awards": Row(TOKEN),
    "api-me-credentials": Row(TOKEN),
    "api-me-document": Row("401 404 200 404 404 404", "shared.uuid"),
    "api-me-pathway": Row(TOKEN, "slug.pathway"),
    "api-me-pathway-prospects": Row(TOKEN, "slug.pathway"),
    "api-me-pathway-pins": Row("401 404 200 404 404 404", "slug.pathway"),
    "api-me-pathway-pin": Row("401 405 405 405 405 405", ("slug.pathway", "choice")),
    "api-me-pathway-plan": Row(TOKEN, "slug.pathway"),
    "api-me-records": Row(TOKEN),
    "api-me-record": Row("401 404 200 404 404 404", "record.uuid"),
    "api-me-claims": Row(TOKEN),
    "api-me-claim": Row("401 404 200 404 404 404", "claim"),
    "api-me-claim-key": Row("401 405 405 405 405 405", "claim"),
    "api-endorsements-received": Row("401 404 404 404 200 404"),
    "api-endorsements-given": Row("401 404 404 404 200 404"),
    "api-endorsement-withdraw": Row("401 405 405 405 405 405", "endorsement"),
    "api-endorsement-take-back": Row("401 405 405 405 405 405", "given"),
    "api-verify": Row(ANYONE_POSTS),
    "api-verify-many": Row(ANYONE_POSTS),
    "api-check-sheet": Row(ALL, "sheet"),
    "vc-api-issue": Row("404 404 404 404 404 404"),
    "vc-api-verify": Row(ANYONE_POSTS),
    "vc-api-verify-presentation": Row(ANYONE_POSTS),
    "vc-api-status-list": Row("404 404 404 404 404 404"),
    # Trust, for anybody.
    "verify": Row(ALL),
    "verify-many": Row(ALL),
    "check-sheet": Row(ALL, "sheet"),
    "check-sheet-table": Row(ALL, "sheet"),
    "check-sheet-signed": Row(ALL, "sheet"),
    "check-sheet-keys": Row(ALL),
    "trusted": Row(ALL),
    "trusted-new": Row(REGISTRY),
    "trusted-edit": Row(REGISTRY, "trusted"),
    "trusted-withdraw": Row(POSTED, "trusted"),
    "credential": Row(ALL, "shared.code"),
    "credential-embed": Row(ALL, "shared.code"),
    "credential-paper": Row(ALL, "shared.code"),
    "credential-pdf": Row(ALL, "shared.code"),
    "credential-png": Row(ALL, "shared.code"),
    "credential-svg": Row(ALL, "shared.code"),
    "credential-log-proof": Row(ALL, "shared.code"),
    "credential-document": Row(ALL, "shared.uuid"),
    "credential-derivation": Row(ALL, "shared.uuid"),
    "credential-newest": Row(ALL, "shared.uuid"),
    "credential-derivation-json": Row(ALL, "shared.code"),
    "credential-derived": Row(ALL, "shared.code"),
    "credential-openings": Row(ALL, "shared.code"),
    "record": Row(ALL, "record.code"),
    "record-document": Row(ALL, "record.uuid"),
    "record-transcript": Row(ALL, "record.code"),
    "ob2-assertion": Row(ALL, "shared.uuid"),
    "ob2-png": Row(ALL, "shared.uuid"),
    "ob2-svg": Row(ALL, "shared.uuid"),
    "ob2-badge": Row(ALL, "slug.achievement"),
    "ob2-issuer": Row(ALL, "slug.issuer"),
    "endorsements": Row(REGISTRAR),
    "endorsement-receive": Row(REGISTRAR),
    "endorsement-give": Row(REGISTRAR),
    "endorsement-withdraw": Row(POSTED, "endorsement"),
    "endorsement-take-back": Row(POSTED, "given"),
    "endorsement-given": Row(ALL, "given"),
    "endorsement-received": Row(ALL, "endorsement"),
    "issuer": Row(ALL, "slug.issuer"),
    "issuer-did": Row(ALL, "slug.issuer"),
    "status-list": Row(ALL, "list"),
    "suspension-list": Row(ALL, "list"),
    "achievement-document": Row(ALL, "slug.achievement"),
    "badge-png": Row(ALL, "slug.achievement"),
    "badge-svg": Row(ALL, "slug.achievement"),
    "log": Row(ALL),
    "log-checkpoint": Row(ALL),
    "log-cosignatures": Row(ANYONE_POSTS),
    "log-entry": Row(ALL, "shared.index"),
    "log-tile": Row("404 404 404 404 404 404", {"level": "0", "place": "000"}),
    # Wallets and other hosts of badges.
    "oauth-authorize": Row(MEMBER, query=small_wallet.REQUEST),
    "oauth-token": Row(ANYONE_POSTS),
    "oauth-revoke": Row(ANYONE_POSTS),
    "oauth-register": Row(ANYONE_POSTS),
    "oauth-metadata": Row(ALL),
    "ob-api-credentials": Row(WALLETS),
    "ob-api-profile": Row(WALLETS),
    "ob-api-discovery": Row(ALL),
    "clr-api-credentials": Row(WALLETS),
    "clr-api-discovery": Row(ALL),
    "wallet-issuer": Row(ALL, "slug.issuer"),
    "wallet-issuer-old": Row(ALL, "slug.issuer"),
    "wallet-offer": Row(ALL, "offer"),
    "wallet-nonce": Row(ANYONE_POSTS),
    "wallet-credential": Row(ANYONE_POSTS),
    "wallet-deferred": Row(ANYONE_POSTS),
    "wallet-notification": Row(ANYONE_POSTS),
    "me-wallets": Row(MEMBER),
    "me-wallet-disconnect": Row(POSTED, "wallet"),
    "me-credential-add": Row(LENA, "shared.uuid"),
    # The catalogue, for anybody.
    # Who is signed in begins at what is theirs.
    "home": Row("200 302 302 302 302 302"),
    "catalogue": Row(ALL),
    "achievement": Row(ALL, "slug.achievement"),
    "course": Row(ALL, "slug.course"),
    "course-enrol": Row(POSTED, "slug.course"),
    "course-withdraw": Row(POSTED, "slug.course"),
    "pathways": Row(ALL),
    "pathway": Row(ALL, "slug.pathway"),
    "pathway-ctdl": Row(ALL, "slug.pathway"),
    "pathway-ctdl-ld": Row(ALL, "slug.pathway"),
    "achievement-ctdl": Row(ALL, "slug.achievement"),
    "achievement-ctdl-ld": Row(ALL, "slug.achievement"),
    "rule-schema": Row(ALL),
    "pathway-start": Row(POSTED, "slug.pathway"),
    "pathway-leave": Row(POSTED, "slug.pathway"),
    # What is Lena's.
    "me": Row(MEMBER),
    "me-pathway": Row(LENA, "slug.pathway"),
    "me-pathway-prospects": Row(LENA, "slug.pathway"),
    "me-pathway-choices": Row(LENA, "slug.pathway"),
    "me-pathway-choice-back": Row(POSTED, ("slug.pathway", "choice")),
    "me-pathway-newer": Row(POSTED, "slug.pathway"),
    "me-pathway-plan": Row(LENA, "slug.pathway"),
    "me-pathway-what-if": Row(LENA, "slug.pathway", query="?take=statistics-badge"),
    "me-experience": Row(MEMBER),
    "me-recognition": Row(MEMBER),
    "me-claim": Row(LENA, "claim"),
    "me-claim-ask": Row(POSTED, "claim"),
    "me-claim-change": Row(POSTED, ("claim", {"act": "check"})),
    "me-plans": Row(MEMBER),
    "me-plan": Row(MEMBER, query="?target=numeracy"),
    "me-plan-keep": Row(POSTED),
    "me-plan-compare": Row(MEMBER, query="?target=numeracy&target=statistics-badge"),
    "me-plan-skills": Row(MEMBER, query="?like=numeracy"),
    "me-what-if": Row(MEMBER, query="?target=numeracy"),
    "me-kept-plan": Row(LENA, "plan"),
    "me-kept-plan-drop": Row(POSTED, "plan"),
    "me-course": Row(LENA, "slug.course", query="?all"),
    "me-material": Row(LENA, "reading"),
    "me-material-done": Row(POSTED, "reading"),
    "me-material-try": Row(POSTED, "exercise"),
    "me-material-file": Row(LENA, "film"),
    "me-material-captions": Row(LENA, "film"),
    "assessment": Row(LENA, "essay"),
    "assessment-save": Row(POSTED, "essay"),
    "assessment-files": Row(POSTED, "essay"),
    "assessment-file-remove": Row(POSTED, "draft file"),
    "assessment-submit": Row(LENA, "quiz"),
    "submission": Row(LENA, "work"),
    "submission-file": Row("302 404 200 200 404 200", "work file"),
    "me-wallet": Row(MEMBER),
    "me-credential": Row(LENA, "shared.uuid"),
    "me-credential-share": Row(POSTED, "shared.uuid"),
    "me-credential-criteria": Row(POSTED, "shared.uuid"),
    "me-credential-name": Row(LENA, "shared.uuid"),
    "me-credential-name-back": Row(POSTED, "shared.uuid"),
    "me-credential-record": Row(POSTED, "shared.uuid"),
    "me-records": Row(MEMBER),
    "me-record": Row(LENA, "record.uuid"),
    "me-record-share": Row(POSTED, "record.uuid"),
    "me-record-file": Row(LENA, "record.uuid"),
    "me-record-transcript": Row(LENA, "record.uuid"),
    "me-credential-file": Row(LENA, ("shared.uuid", {"kind": "pdf"})),
    "me-activity": Row(MEMBER),
    "me-settings": Row(MEMBER),
    "me-data": Row(MEMBER),
    "me-data-copy": Row(POSTED),
    "me-data-erasure": Row(MEMBER),
    "me-data-erasure-ask": Row(POSTED),
    "me-data-erasure-back": Row(POSTED),
    "me-data-copy-file": Row("302 404 302 404 404 404", "copy"),
    # Teaching.
    "teach": Row(MEMBER),
    "teach-drafts": Row(MEMBER),
    "teach-release": Row(POSTED),
    "teach-mark": Row(MARKERS, "work to mark"),
    "teach-foresee": Row(POSTED, "work to mark"),
    "teach-course": Row(MARKERS, "slug.course"),
    "teach-marks": Row(MARKERS, {"slug": "statistics", "assessment_slug": "exam"}),
    "teach-course-new": Row("302 404 404 200 200 200"),
    # A course under the hands of its authors.
    "build": Row(MARKERS, "slug.course"),
    "build-about": Row(MARKERS, "slug.course"),
    "build-people": Row(MARKERS, "slug.course"),
    "build-person-remove": Row(MARKERS, ("slug.course", "teacher")),
    "build-state": Row(POSTED, ("slug.course", {"act": "close"})),
    "build-move": Row(POSTED, ("slug.course", {"kind": "module", "key": "spread", "way": "up"})),
    "build-remove": Row(MARKERS, ("slug.course", {"kind": "module", "key": "spread"})),
    "build-module-new": Row(MARKERS, "slug.course"),
    "build-module": Row(MARKERS, ("slug.course", {"module": "spread"})),
    "build-material-new": Row(MARKERS, ("slug.course", {"module": "spread", "kind": "video"})),
    "build-material": Row(MARKERS, ("slug.course", "film to build")),
    "build-assessment-new": Row(MARKERS, ("slug.course", {"kind": "assignment"})),
    "build-assessment": Row(MARKERS, ("slug.course", "essay")),
    "build-rubric": Row(MARKERS, ("slug.course", "essay")),
    "build-questions": Row(MARKERS, ("slug.course", "quiz", {"kind": "assessment"})),
    "build-question-new": Row(
        MARKERS, ("slug.course", "exercise to build", {"kind": "material", "question_kind": "single"})
    ),
    "build-question": Row(MARKERS, ("slug.course", "question to build", {"kind": "material"})),
    "build-question-remove": Row(MARKERS, ("slug.course", "question to build", {"kind": "material"})),
    "build-preview": Row(MARKERS, "slug.course"),
    "build-preview-material": Row(MARKERS, ("slug.course", "exercise to build")),
    "build-preview-file": Row(MARKERS, ("slug.course", "film to build")),
    "build-preview-captions": Row(MARKERS, ("slug.course", "film to build")),
    "build-preview-assessment": Row(MARKERS, ("slug.course", "quiz")),
    # The registry.
    "registry": Row(REGISTRY),
    "registry-achievements": Row(REGISTRAR),
    "registry-achievement-new": Row(REGISTRAR),
    "registry-achievement": Row(REGISTRAR, "slug.achievement"),
    "registry-achievement-edit": Row(REGISTRAR, "slug.achievement"),
    "registry-badge": Row(REGISTRAR, "slug.achievement"),
    "registry-badge-edit": Row(REGISTRAR, "slug.achievement"),
    "registry-badge-preview": Row(POSTED, "slug.achievement"),
    "registry-badge-picture": Row(REGISTRAR, ("slug.achievement", {"kind": "png"})),
    "registry-badge-change": Row(POSTED, ("slug.achievement", {"act": "publish"})),
    "registry-achievement-publish": Row(POSTED, {"slug": "unfinished"}),
    "registry-achievement-withdraw": Row(REGISTRAR, "slug.achievement"),
    "registry-confer": Row(REGISTRAR, "slug.achievement"),
    "registry-rule": Row(REGISTRAR, {"slug": "numeracy"}),
    "registry-rule-terms": Row(REGISTRAR, {"slug": "numeracy"}),
    "registry-rule-publish": Row(REGISTRAR, {"slug": "numeracy"}),
    "registry-rule-compare": Row(REGISTRAR, {"slug": "numeracy"}),
    "registry-rule-examples": Row(REGISTRAR, {"slug": "numeracy"}),
    "registry-rule-version": Row(REGISTRAR, {"slug": "numeracy", "number": 1}),
    "registry-exception-new": Row(REGISTRAR, {"slug": "numeracy"}),
    "registry-rule-impact": Row(REGISTRAR, {"slug": "numeracy"}),
    "registry-rule-impact-csv": Row(REGISTRAR, {"slug": "numeracy"}),
    "registry-rollouts": Row(REGISTRY),
    "registry-batches": Row(REGISTRY),
    "registry-batch-new": Row(REGISTRAR, "slug.achievement"),
    "registry-batch": Row(REGISTRAR, "batch"),
    "registry-batch-act": Row(POSTED, ("batch", {"act": "stop"})),
    "registry-rollout": Row(REGISTRAR, "rollout"),
    "registry-rollout-act": Row(POSTED, ("rollout", {"act": "stop"})),
    "registry-exceptions": Row(REGISTRAR),
    "registry-exception": Row(REGISTRAR, "exception"),
    "registry-exception-decide": Row(POSTED, ("exception", {"act": "refuse"})),
    "registry-fact-new": Row(REGISTRAR),
    "registry-reviews": Row(REGISTRAR),
    "registry-recognitions": Row(REGISTRAR),
    "registry-recognition": Row(REGISTRAR, "recognition"),
    "registry-recognition-file": Row(REGISTRAR, "recognition"),
    "registry-recognition-decide": Row(POSTED, ("recognition", {"act": "refuse"})),
    "signing": Row("302 404 404 200 404 404"),
    "sign-off": Row("302 404 404 200 404 404", "to sign"),
    "experience-desk": Row("302 404 404 200 404 404"),
    "experience-entry": Row("302 404 404 200 404 404", "logged"),
    "experience-decide": Row(POSTED, ("logged", {"act": "refuse"})),
    "registry-logbooks": Row(REGISTRAR),
    "registry-signatories": Row(ADMINISTRATOR),
    "registry-signatory-dismiss": Row(POSTED, "signatory"),
    "registry-names": Row(REGISTRAR),
    "registry-name": Row(REGISTRAR, "name"),
    "registry-name-decide": Row(POSTED, ("name", {"act": "correct"})),
    "registry-awards": Row(REGISTRAR),
    "registry-award": Row(REGISTRAR, "award"),
    "registry-award-name": Row(REGISTRAR, "award"),
    "registry-award-change": Row(REGISTRAR, ("award", {"act": "suspend"})),
    "registry-pathways": Row(REGISTRAR),
    "registry-pathway-new": Row(REGISTRAR),
    "registry-pathway": Row(REGISTRAR, "slug.pathway"),
    "registry-pathway-state": Row(POSTED, {"slug": "towards", "act": "close"}),
    "registry-certificates": Row(REGISTRY),
    "registry-certificate": Row(REGISTRY, "template"),
    "registry-certificate-preview": Row(POSTED, "template"),
    "registry-certificate-publish": Row(REGISTRY, "template"),
    "registry-certificate-withdraw": Row(REGISTRY, "template"),
    "registry-certificate-draft": Row(POSTED, ("template", {"act": "draw"})),
    "registry-certificate-proof": Row(REGISTRY, "sample"),
    "registry-certificate-proof-picture": Row(REGISTRY, "sample"),
    "registry-issuer-new": Row(ADMINISTRATOR),
    "registry-issuer": Row(ADMINISTRATOR, "slug.issuer"),
    "registry-role-grant": Row(POSTED, "slug.issuer"),
    "registry-role-withdraw": Row(POSTED, "role"),
    "registry-key-rotate": Row(ASKED_AGAIN, "key"),
    "registry-key-compromised": Row(ASKED_AGAIN, "key"),
    "operations": Row(ADMINISTRATOR),
    "operations-retry": Row(POSTED, "job"),
    "operations-erasures": Row(ADMINISTRATOR),
    "operations-erasure-decline": Row(ADMINISTRATOR, "erasure"),
}

# The same addresses for what is not there, or not for everybody: the answer is the same, whoever asks and why (T1).
REFUSED: tuple[tuple[str, Any, str], ...] = (
    ("credential", "private.code", "403 403 200 403 200 403"),
    ("credential-embed", "private.code", "403 403 403 403 403 403"),
    ("credential-paper", "private.code", "302 302 200 302 200 302"),
    ("credential-pdf", "private.code", "404 404 200 404 200 404"),
    ("credential-png", "private.code", "404 404 200 404 200 404"),
    ("credential-svg", "private.code", "404 404 200 404 200 404"),
    ("credential-log-proof", "private.code", "404 404 200 404 200 404"),
    ("credential-document", "private.uuid", "404 404 200 404 200 404"),
    ("check-sheet", {"code": "0" * 43}, "404 404 404 404 404 404"),
    ("ob2-assertion", "private.uuid", "404 404 200 404 200 404"),
    ("ob2-png", "private.uuid", "404 404 200 404 200 404"),
    ("ob2-badge", {"slug": "unfinished"}, "404 404 404 404 404 404"),
    ("record", {"code": "0" * 43}, "404 404 404 404 404 404"),
    ("record", "private record.code", "403 403 200 403 403 403"),
    ("record-document", "private record.uuid", "404 404 200 404 404 404"),
    # Nobody asked for it on paper.
    ("record-transcript", "private record.code", "404 404 404 404 404 404"),
    ("me-record-transcript", "private record.uuid", "302 404 404 404 404 404"),
    ("api-check-sheet", {"code": "0" * 43}, "404 404 404 404 404 404"),
    ("check-sheet-table", {"code": "0" * 43}, "404 404 404 404 404 404"),
    ("check-sheet-signed", {"code": "0" * 43}, "404 404 404 404 404 404"),
    ("credential", {"code": "0" * 26}, "404 404 404 404 404 404"),
    # What a person awarded was derived from no rule, whoever asks.
    ("credential-derivation", "private.uuid", "404 404 404 404 404 404"),
    ("credential-derived", "private.code", "404 404 404 404 404 404"),
    ("credential-openings", {"code": "0" * 26}, "404 404 404 404 404 404"),
    ("wallet-offer", {"secret": "0" * 43}, "404 404 404 404 404 404"),
    ("wallet-issuer", {"slug": "nowhere"}, "404 404 404 404 404 404"),
    ("api-me-document", "private.uuid", "401 404 200 404 404 404"),
    ("achievement", {"slug": "unfinished"}, "404 404 404 404 404 404"),
    ("api-achievement", {"slug": "unfinished"}, "404 404 404 404 404 404"),
    ("achievement-ctdl", {"slug": "unfinished"}, "404 404 404 404 404 404"),
    ("achievement-ctdl", {"slug": "writing-badge"}, "404 404 404 404 404 404"),
    ("pathway-ctdl", {"slug": "nowhere"}, "404 404 404 404 404 404"),
    ("achievement-document", {"slug": "unfinished"}, "404 404 404 404 404 404"),
    ("registry-achievement", {"slug": "unfinished"}, REGISTRAR),
    ("me-course", {"slug": "no-such-course"}, "302 404 404 404 404 404"),
    ("course", {"slug": "no-such-course"}, "404 404 404 404 404 404"),
    ("log-entry", {"index": 10**30}, "404 404 404 404 404 404"),
    ("registry-rule-version", {"slug": "numeracy", "number": 10**30}, "302 404 404 404 404 404"),
    ("status-list", {"slug": "numbers", "number": 10**30}, "404 404 404 404 404 404"),
    ("suspension-list", {"slug": "numbers", "number": 10**30}, "404 404 404 404 404 404"),
)


def names() -> Iterator[str]:
    """The name of every address in the URLconf, but for those of the administration."""

    def walk(patterns: list[URLPattern | URLResolver], space: str) -> Iterator[str]:
        for pattern in patterns:
            if isinstance(pattern, URLPattern):
                yield f"{space}{pattern.name}"
            elif pattern.namespace != "admin":
                yield from walk(pattern.url_patterns, f"{space}{pattern.namespace}:" if pattern.namespace else space)

    return walk(get_resolver().url_patterns, "")


def address(name: str, filled: Any, college: dict[str, dict[str, Any]]) -> str:
    """The address with its places filled."""
    values: dict[str, Any] = {}
    for part in filled if isinstance(filled, tuple) else (filled,):
        if isinstance(part, dict):
            values |= part
        elif part:
            thing, _dot, place = part.partition(".")
            found = college[thing]
            values |= found if not place else {"slug": found[place]} if thing == "slug" else {place: found[place]}
    return reverse(name, kwargs=values)


def administration(college: Any = None) -> Iterator[str]:
    """The addresses of Django's administration: its own pages, and those of each kind of row, with one row if any."""
    from django.contrib import admin

    for name in ("index", "password_change", "jsi18n"):
        yield reverse(f"admin:{name}")
    for model in admin.site._registry:
        place = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        yield reverse(f"{place}_changelist")
        yield reverse(f"{place}_add")
        row = model._default_manager.first()
        if row is not None:
            for act in ("change", "history", "delete"):
                yield reverse(f"{place}_{act}", args=[row.pk])


# Which pages are looked at together, by the beginnings of their names; the first that fits counts.
AREAS = {
    "accounts": ("token", "account_", "mfa_", "usersessions", "me-settings", "me-data"),
    "registry": ("registry", "operations", "endorsement"),
    "building": ("build", "teach"),
    "learning": ("me", "assessment", "submission"),
    "public": ("",),
}


# What is answered here is a document, a file, or data, which no browser shows as a page of ours.
NO_PAGES = {
    "portal:live",
    "portal:ready",
    "api-schema",
    "api-achievements",
    "api-achievement",
    "api-courses",
    "api-course",
    "api-pathways",
    "api-pathway",
    "api-me-courses",
    "api-me-grades",
    "api-me-awards",
    "api-me-credentials",
    "api-me-document",
    "api-me-pathway",
    "api-me-pathway-prospects",
    "api-me-pathway-pins",
    "api-me-pathway-plan",
    "api-me-records",
    "api-me-record",
    "api-me-claims",
    "api-me-claim",
    "api-endorsements-received",
    "api-endorsements-given",
    "api-check-sheet",
    "check-sheet-table",
    "check-sheet-signed",
    "check-sheet-keys",
    "credential-pdf",
    "credential-png",
    "credential-svg",
    "credential-log-proof",
    "credential-document",
    "credential-derivation",
    "credential-newest",
    "credential-derivation-json",
    "credential-openings",
    "record-document",
    "record-transcript",
    "ob2-assertion",
    "ob2-png",
    "ob2-svg",
    "ob2-badge",
    "ob2-issuer",
    "endorsement-given",
    "endorsement-received",
    "issuer-did",
    "status-list",
    "suspension-list",
    "achievement-document",
    "badge-png",
    "badge-svg",
    "log-checkpoint",
    "oauth-metadata",
    "clr-api-discovery",
    "ob-api-discovery",
    "wallet-issuer",
    "wallet-issuer-old",
    "wallet-offer",
    "pathway-ctdl",
    "pathway-ctdl-ld",
    "achievement-ctdl",
    "achievement-ctdl-ld",
    "rule-schema",
    "me-material-file",
    "me-material-captions",
    "submission-file",
    "me-record-file",
    "me-record-transcript",
    "me-credential-file",
    "me-data-copy-file",
    "build-preview-file",
    "build-preview-captions",
    "registry-badge",
    "registry-badge-picture",
    "registry-rule-impact-csv",
    "registry-recognition-file",
    "registry-certificate-proof-picture",
}


def area_of(name: str) -> str:
    return next(area for area, beginnings in AREAS.items() if name.startswith(beginnings))
