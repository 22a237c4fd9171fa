"""The addresses of credentials: verification, issuers and their documents, the log.

Those that stand inside signed documents are spelt out in `addresses`, and may never change; they have no last slash.
"""

from django.urls import URLPattern, URLResolver, include, path, re_path

from credentials.api import vc_api
from credentials.views import (
    baked,
    check_sheets,
    conformance,
    credential,
    designing,
    hosted_badges,
    issuers,
    log,
    paper,
    records,
    transcripts,
    trusted,
    verify,
)

_TEMPLATE = "registry/certificates/<slug:slug>/<slug:scope>/"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("credentials.exchange.urls")),
    path("verify/", verify.show_verify, name="verify"),
    path("verify/many/", check_sheets.ask_for_sheet, name="verify-many"),
    path("verify/many/<str:code>/", check_sheets.show_sheet, name="check-sheet"),
    path("verify/many/<str:code>/results.csv", check_sheets.download_table, name="check-sheet-table"),
    path("verify/many/<str:code>/signed.json", check_sheets.download_signed, name="check-sheet-signed"),
    path("verify/keys", check_sheets.show_keys, name="check-sheet-keys"),
    path("trusted/", trusted.show_trusted, name="trusted"),
    path("trusted/new/", trusted.add_trusted, name="trusted-new"),
    path("trusted/<uuid:uuid>/", trusted.edit_trusted, name="trusted-edit"),
    path("trusted/<uuid:uuid>/withdraw/", trusted.withdraw_trusted, name="trusted-withdraw"),
    path("registry/certificates/", designing.list_templates, name="registry-certificates"),
    path("registry/certificates/samples/<uuid:uuid>/", designing.show_proof, name="registry-certificate-proof"),
    path(
        "registry/certificates/samples/<uuid:uuid>.webp",
        designing.send_proof,
        name="registry-certificate-proof-picture",
    ),
    path(f"{_TEMPLATE}", designing.edit_template, name="registry-certificate"),
    path(f"{_TEMPLATE}preview/", designing.preview_template, name="registry-certificate-preview"),
    path(f"{_TEMPLATE}publish/", designing.publish_template, name="registry-certificate-publish"),
    path(f"{_TEMPLATE}withdraw/", designing.withdraw_template, name="registry-certificate-withdraw"),
    path(f"{_TEMPLATE}draft/<slug:act>/", designing.change_draft, name="registry-certificate-draft"),
    path("c/<str:code>/", credential.show_credential, name="credential"),
    path("c/<str:code>/paper/", paper.show_paper, name="credential-paper"),
    path("c/<str:code>/embed/", credential.show_embedded, name="credential-embed"),
    path("c/<str:code>/certificate.pdf", credential.download, {"kind": "pdf"}, name="credential-pdf"),
    path("c/<str:code>/derivation.json", credential.show_derivation, name="credential-derivation-json"),
    path("c/<str:code>/log-proof", log.show_proof, name="credential-log-proof"),
    path("c/<str:code>/badge.png", credential.download, {"kind": "png"}, name="credential-png"),
    path("c/<str:code>/badge.svg", baked.download_svg, name="credential-svg"),
    path("credentials/issue", vc_api.IssueCredential.as_view(), name="vc-api-issue"),
    path("credentials/verify", vc_api.VerifyCredential.as_view(), name="vc-api-verify"),
    path("presentations/verify", vc_api.VerifyPresentation.as_view(), name="vc-api-verify-presentation"),
    path("credentials/status/1", conformance.show_list, name="vc-api-status-list"),
    path("credentials/<uuid:uuid>", credential.show_document, name="credential-document"),
    path("credentials/<uuid:uuid>/derivation", credential.show_derivation, name="credential-derivation"),
    path("r/<str:code>/", records.show_record, name="record"),
    path("r/<str:code>/transcript.pdf", transcripts.download_transcript, name="record-transcript"),
    path("me/records/<uuid:uuid>/transcript/", transcripts.take_transcript, name="me-record-transcript"),
    path("records/<uuid:uuid>", records.show_document, name="record-document"),
    path("ob2/assertions/<uuid:uuid>", hosted_badges.show_assertion, name="ob2-assertion"),
    path("ob2/assertions/<uuid:uuid>/badge.png", hosted_badges.show_baked, {"kind": "png"}, name="ob2-png"),
    path("ob2/assertions/<uuid:uuid>/badge.svg", hosted_badges.show_baked, {"kind": "svg"}, name="ob2-svg"),
    path("ob2/badges/<slug:slug>", hosted_badges.show_badge_class, name="ob2-badge"),
    path("ob2/issuers/<slug:slug>", hosted_badges.show_profile, name="ob2-issuer"),
    path("issuers/<slug:slug>/", issuers.show_issuer, name="issuer"),
    path("issuers/<slug:slug>/did.json", issuers.show_did, name="issuer-did"),
    path("issuers/<slug:slug>/status/<int:number>", issuers.show_status_list, name="status-list"),
    path("achievements/<slug:slug>", issuers.show_achievement, name="achievement-document"),
    path("achievements/<slug:slug>/badge.png", issuers.show_badge, {"kind": "png"}, name="badge-png"),
    path("achievements/<slug:slug>/badge.svg", issuers.show_badge, {"kind": "svg"}, name="badge-svg"),
    path("log/", log.show_log, name="log"),
    path("log/checkpoint", log.show_checkpoint, name="log-checkpoint"),
    path("log/cosignatures", log.add_cosignatures, name="log-cosignatures"),
    path("log/entries/<int:index>/", log.show_entry, name="log-entry"),
    re_path(
        r"^log/tile/(?P<level>[0-9]{1,2}|entries)/(?P<place>(?:x[0-9]{3}/){0,6}[0-9]{3})(?:\.p/(?P<width>[1-9][0-9]{0,2}))?$",
        log.show_tile,
        name="log-tile",
    ),
]
