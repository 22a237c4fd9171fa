"""What the API says of courses, achievements, pathways, progress and grades, field by field."""

from decimal import Decimal
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from credentials.models import Achievement, AchievementSkill, Award
from pathways.models import Assessment, Course, Enrolment, Grade, Material, Module, Pathway, RuleVersion, Stage
from portal.shared.rest import KnownFieldsOnly


class SkillSerializer(serializers.ModelSerializer[AchievementSkill]):
    class Meta:
        model = AchievementSkill
        fields = ("name", "framework", "url")


class AchievementBriefSerializer(serializers.ModelSerializer[Achievement]):
    issuer = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)

    class Meta:
        model = Achievement
        fields = ("slug", "name", "kind", "summary", "issuer", "level", "credits", "workload_hours", "language")


class AchievementSerializer(AchievementBriefSerializer):
    skills = SkillSerializer(many=True)
    rule = serializers.SerializerMethodField()

    class Meta:
        model = Achievement
        fields: ClassVar = (
            *AchievementBriefSerializer.Meta.fields,
            "uuid",
            "version",
            "description",
            "outcomes",
            "criteria",
            "level_framework",
            "assessment_type",
            "participation",
            "supervision",
            "quality_assurance",
            "subject",
            "tags",
            "validity_months",
            "skills",
            "published_at",
            "rule",
        )

    @extend_schema_field(
        {
            "type": "object",
            "nullable": True,
            "properties": {
                "version": {"type": "integer"},
                "sentence": {"type": "string"},
                "document": {"type": "object"},
            },
        }
    )
    def get_rule(self, achievement: Achievement) -> dict[str, Any] | None:
        version = next(
            (each for each in achievement.rule_versions.all() if each.state == RuleVersion.State.PUBLISHED), None
        )
        if version is None:
            return None
        return {"version": version.number, "sentence": version.sentence, "document": version.document}


class CourseBriefSerializer(serializers.ModelSerializer[Course]):
    issuer = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)
    achievement = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)
    prerequisites = serializers.SlugRelatedField[Any](slug_field="slug", many=True, read_only=True)

    class Meta:
        model = Course
        fields = (
            "slug", "title", "summary", "issuer", "achievement", "state", "hours", "language", "price", "currency",
            "starts_on", "ends_on", "places", "prerequisites",
        )  # fmt: skip


class MaterialSerializer(serializers.ModelSerializer[Material]):
    class Meta:
        model = Material
        fields = ("slug", "kind", "title", "minutes")


class ModuleSerializer(serializers.ModelSerializer[Module]):
    materials = MaterialSerializer(many=True)

    class Meta:
        model = Module
        fields = ("slug", "title", "summary", "materials")


class AssessmentSerializer(serializers.ModelSerializer[Assessment]):
    class Meta:
        model = Assessment
        fields = ("uuid", "slug", "kind", "title", "out_of", "pass_marks", "weight", "attempts_allowed", "due_at")


class CourseSerializer(CourseBriefSerializer):
    modules = ModuleSerializer(many=True)
    assessments = AssessmentSerializer(many=True)

    class Meta:
        model = Course
        fields: ClassVar = (*CourseBriefSerializer.Meta.fields, "uuid", "description", "modules", "assessments")


class StageSerializer(serializers.ModelSerializer[Stage]):
    achievements = serializers.SlugRelatedField[Any](slug_field="slug", many=True, read_only=True)

    class Meta:
        model = Stage
        fields = ("title", "text", "achievements")


class PathwayBriefSerializer(serializers.ModelSerializer[Pathway]):
    issuer = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)
    target = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)

    class Meta:
        model = Pathway
        fields = ("slug", "title", "summary", "issuer", "target", "state")


class PathwaySerializer(PathwayBriefSerializer):
    stages = StageSerializer(many=True)

    class Meta:
        model = Pathway
        fields: ClassVar = (*PathwayBriefSerializer.Meta.fields, "uuid", "description", "audience", "stages")


class EnrolmentSerializer(serializers.ModelSerializer[Enrolment]):
    course = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)
    materials = serializers.IntegerField(read_only=True)
    materials_done = serializers.IntegerField(read_only=True)

    class Meta:
        model = Enrolment
        fields = ("course", "state", "enrolled_at", "ended_at", "materials", "materials_done")


class AwardSerializer(serializers.ModelSerializer[Award]):
    achievement = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)

    class Meta:
        model = Award
        fields = ("uuid", "achievement", "standing", "awarded_on", "valid_until")


class GradeSerializer(serializers.ModelSerializer[Grade]):
    assessment = serializers.SerializerMethodField()

    class Meta:
        model = Grade
        fields = ("uuid", "assessment", "marks", "out_of", "pass_marks", "released_at", "earned_on")

    def get_assessment(self, grade: Grade) -> str:
        return grade.assessment.key


class NodeSerializer(serializers.Serializer[Any]):
    state = serializers.ChoiceField(choices=["met", "under_way", "open", "missing", "waived"])
    have = serializers.CharField()
    need = serializers.CharField()
    sentence = serializers.CharField()


class EvaluationSerializer(serializers.Serializer[Any]):
    pathway = serializers.SlugField()
    target = serializers.SlugField()
    rule_version = serializers.IntegerField()
    satisfied = serializers.BooleanField()
    nodes = serializers.DictField(child=NodeSerializer())
    allocation = serializers.DictField(child=serializers.ListField(child=serializers.DictField()))
    still_needed = serializers.ListField(child=serializers.CharField())


class NearMissSerializer(serializers.Serializer[Any]):
    """A holding that would be enough, did it not fail one part for one reason."""

    holding = serializers.CharField()
    node = serializers.CharField()
    code = serializers.CharField()
    sentence = serializers.CharField()


class ProspectsSerializer(serializers.Serializer[Any]):
    """`unknown` names what could not be found out within its bound: alternative, earliest, near."""

    pathway = serializers.SlugField()
    satisfied = serializers.BooleanField()
    alternative = serializers.BooleanField()
    earliest = serializers.DateField(allow_null=True)
    near = NearMissSerializer(many=True)
    unknown = serializers.ListField(child=serializers.CharField())


class EnrolSerializer(KnownFieldsOnly, serializers.Serializer[Any]):
    course = serializers.SlugField(max_length=80)


class MarkSerializer(KnownFieldsOnly, serializers.Serializer[Any]):
    """One mark: who, out of the assessment's marks, and the day that counts."""

    learner = serializers.EmailField()
    marks = serializers.DecimalField(max_digits=7, decimal_places=2, min_value=Decimal(0))
    earned_on = serializers.DateField()


class MarksSerializer(KnownFieldsOnly, serializers.Serializer[Any]):
    """Marks for one assessment, at most fifty learners at a time: all of them, or none."""

    assessment = serializers.SlugField(max_length=80)
    marks = serializers.ListField(child=MarkSerializer(), min_length=1, max_length=50)


class ReleasedSerializer(serializers.Serializer[Any]):
    released = serializers.IntegerField()
    awards = serializers.ListField(child=serializers.DictField())
