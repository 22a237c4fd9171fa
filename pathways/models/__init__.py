"""What is kept: courses and their assessment, what learners did, rules and pathways, and why each award was made."""

from pathways.models.assessment import Assessment, Question, RubricCriterion, RubricLevel
from pathways.models.batches import AwardBatch, AwardBatchLine
from pathways.models.courses import Course, CourseStaff, Material, Module
from pathways.models.decisions import Derivation
from pathways.models.experience import Experience, Logbook
from pathways.models.learning import (
    CriterionMark,
    Enrolment,
    Grade,
    MaterialProgress,
    PathwayEnrolment,
    Submission,
    SubmissionFile,
)
from pathways.models.own_data import DataExport, ErasureRequest, NameRequest
from pathways.models.pins import Pin
from pathways.models.plans import LearningPlan, PlanStep
from pathways.models.recognition import Recognition
from pathways.models.rollouts import ImpactCount, ImpactLine, Rollout, RolloutRange
from pathways.models.rules import Pathway, RuleReference, RuleVersion, Stage
from pathways.models.rulings import Ruling, Signatory

__all__ = [
    "Assessment",
    "AwardBatch",
    "AwardBatchLine",
    "Course",
    "CourseStaff",
    "CriterionMark",
    "DataExport",
    "Derivation",
    "Enrolment",
    "ErasureRequest",
    "Experience",
    "Grade",
    "ImpactCount",
    "ImpactLine",
    "LearningPlan",
    "Logbook",
    "Material",
    "MaterialProgress",
    "Module",
    "NameRequest",
    "Pathway",
    "PathwayEnrolment",
    "Pin",
    "PlanStep",
    "Question",
    "Recognition",
    "Rollout",
    "RolloutRange",
    "RubricCriterion",
    "RubricLevel",
    "RuleReference",
    "RuleVersion",
    "Ruling",
    "Signatory",
    "Stage",
    "Submission",
    "SubmissionFile",
]
