"""What the API says of credentials and checks, field by field."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from credentials import queries
from credentials.api import files
from credentials.check_sheets.handed_in import MAX_LINES
from credentials.models import CheckLine, Credential, LearnerRecord
from credentials.verification import Report, State, Verdict
from credentials.verification.report import Endorsement
from portal.shared.rest import KnownFieldsOnly


class CredentialSerializer(serializers.ModelSerializer[Credential]):
    achievement = serializers.CharField(source="award.achievement.slug")
    name = serializers.CharField(source="award.achievement.name")
    issuer = serializers.CharField(source="issuer.slug")
    standing = serializers.SerializerMethodField()
    awarded_on = serializers.DateField(source="award.awarded_on")
    valid_until = serializers.DateField(source="award.valid_until", allow_null=True)
    document = serializers.URLField(source="document_url")
    page = serializers.URLField(source="page_url")

    class Meta:
        model = Credential
        fields = (
            "uuid",
            "achievement",
            "name",
            "issuer",
            "recipient_name",
            "state",
            "standing",
            "awarded_on",
            "valid_until",
            "shared_at",
            "document",
            "page",
        )

    def get_standing(self, credential: Credential) -> str:
        return queries.standing_of(credential.award, credential, timezone.localdate())


class RecordSerializer(serializers.ModelSerializer[LearnerRecord]):
    """A record of several credentials (CLR 2.0); `qualification` is the achievement that it is about, if it is one."""

    qualification = serializers.CharField(source="award.achievement.slug", allow_null=True, default=None)
    document = serializers.URLField(source="document_url")
    page = serializers.URLField(source="page_url")

    class Meta:
        model = LearnerRecord
        fields = (
            "uuid",
            "qualification",
            "is_partial",
            "state",
            "asked_at",
            "signed_at",
            "shared_at",
            "document",
            "page",
        )
        read_only_fields = fields


class AskRecordSerializer(KnownFieldsOnly, serializers.Serializer[Any]):
    """A qualification, with its parts; or some credentials; or neither, for all that stand; each by its uuid."""

    qualification = serializers.UUIDField(required=False)
    credentials = serializers.ListField(
        child=serializers.UUIDField(), required=False, allow_empty=False, max_length=200
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "qualification" in attrs and "credentials" in attrs:
            raise serializers.ValidationError("Send either qualification or credentials, or neither.")
        return attrs


class VerifySerializer(KnownFieldsOnly, serializers.Serializer[Any]):
    """A credential as JSON, or the text of a code, a link or a document, or a file: one of them."""

    credential = serializers.JSONField(required=False)
    text = serializers.CharField(required=False, max_length=200_000)
    file = files.file_field("Certificate (PDF), badge (PNG, SVG), photograph of a code, or JSON, up to 5 MB.")
    name = serializers.CharField(required=False, max_length=200, allow_blank=True, default="")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        files.one_of(attrs, "credential", "text", "file")
        return attrs


class CheckRequestSerializer(KnownFieldsOnly, serializers.Serializer[Any]):
    """A code or a link, and if wanted the name that it should bear."""

    text = serializers.CharField(max_length=2_000)
    name = serializers.CharField(required=False, max_length=200, allow_blank=True, default="")


class SheetRequestSerializer(KnownFieldsOnly, serializers.Serializer[Any]):
    """Lines, or a file of them, or a ZIP of credentials: one of them."""

    # With `many` the bounds are the list's, which the type checker does not know.
    lines = CheckRequestSerializer(  # type: ignore[call-arg]
        many=True, allow_empty=False, max_length=MAX_LINES, required=False
    )
    file = files.file_field("A list (CSV, text), or a ZIP of certificates, badges and documents, up to 5 MB.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        files.one_of(attrs, "lines", "file")
        return attrs


class SheetSerializer(serializers.Serializer[Any]):
    """Where the results will be; each address is a secret of whoever asked."""

    page = serializers.URLField()
    lines = serializers.URLField()
    table = serializers.URLField()
    signed = serializers.URLField()


class CheckLineSerializer(serializers.ModelSerializer[CheckLine]):
    """What came of one line; the verdict is empty until a worker has looked at it."""

    verdict = serializers.CharField()

    class Meta:
        model = CheckLine
        fields = (
            "position",
            "name",
            "sha256",
            "verdict",
            "title",
            "reason",
            "achievement",
            "holder",
            "issuer",
            "name_typed",
            "name_state",
            "checked_at",
        )


class CheckSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    state = serializers.ChoiceField(choices=[state.value for state in State])
    words = serializers.CharField()
    proves = serializers.CharField(source="meaning.proves")
    does_not_prove = serializers.CharField(source="meaning.does_not")


class InsideSerializer(serializers.Serializer[Any]):
    """What came of one credential inside a record or presentation; what it says only where that may be believed."""

    verdict = serializers.ChoiceField(choices=[verdict.value for verdict in Verdict])
    title = serializers.CharField()
    name = serializers.SerializerMethodField()
    issuer = serializers.SerializerMethodField()
    checks = CheckSerializer(many=True)

    def get_name(self, report: Report) -> str:
        return report.said.achievement if report.said and report.is_believed else ""

    def get_issuer(self, report: Report) -> str:
        return report.said.issuer_id if report.said and report.is_believed else ""


class SaysSerializer(serializers.Serializer[Any]):
    """What a credential says that may be believed; whatever it does not say is empty or null."""

    id = serializers.CharField()
    achievement = serializers.CharField()
    holder = serializers.CharField()
    issuer = serializers.CharField()
    issuer_id = serializers.CharField()
    credits = serializers.CharField()
    awarded_at = serializers.DateTimeField(allow_null=True)
    valid_from = serializers.DateTimeField(allow_null=True)
    valid_until = serializers.DateTimeField(allow_null=True)


class HeardSerializer(serializers.Serializer[Any]):
    """What somebody else signed about it, and whether that holds: null where it could not be checked."""

    by = serializers.CharField()
    says = serializers.CharField()
    holds = serializers.SerializerMethodField()
    words = serializers.CharField()

    def get_holds(self, endorsement: Endorsement) -> bool | None:
        return {State.PASSED: True, State.FAILED: False}.get(endorsement.state)


class ReportSerializer(serializers.Serializer[Any]):
    """The verdict, why, and what it is about: `says` is null for whatever may not be believed.

    `inside` is empty for whatever is not a record (CLR 2.0) or a presentation of several credentials.
    """

    verdict = serializers.ChoiceField(choices=[verdict.value for verdict in Verdict])
    title = serializers.CharField()
    reasons = serializers.SerializerMethodField()
    says = serializers.SerializerMethodField()
    checked_at = serializers.DateTimeField(source="at", allow_null=True)
    checks = CheckSerializer(many=True)
    endorsements = HeardSerializer(many=True)
    inside = InsideSerializer(many=True)

    def get_reasons(self, report: Report) -> list[str]:
        return [str(reason) for reason in report.reasons if reason]

    @extend_schema_field(SaysSerializer(allow_null=True))
    def get_says(self, report: Report) -> dict[str, Any] | None:
        return SaysSerializer(report.said).data if report.said and report.is_believed else None
