"""Why an award was made: which rule, which holdings counted where, judged by which evaluator."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from credentials.models import Award
from pathways.models.rules import RuleVersion


class Derivation(models.Model):
    """The grounds of one award; a later one of the same award tells what it stands on now."""

    award = models.ForeignKey(Award, on_delete=models.PROTECT, related_name="derivations")
    rule_version = models.ForeignKey(RuleVersion, on_delete=models.PROTECT, related_name="derivations")
    # What counted where: {node id: [holding id, …]}; holding ids are "award:UUID" and "grade:UUID".
    allocation = models.JSONField()
    # The decisions about the learner that it rests on, by uuid: facts, sign-offs, exceptions.
    rulings = models.JSONField(default=list)
    # The learner's choices that were heeded: [{"node", "holding", "here"}]; they hold for this award from then on.
    pins = models.JSONField(default=list)
    evaluator_version = models.CharField(max_length=20)
    cause = models.CharField(max_length=60)
    grounds_sha256 = models.CharField(max_length=64)
    # What opens the commitments of the public receipt: {"holdings": {ref: …}, "facts": {name: …}}; for its holder.
    openings = models.JSONField(default=dict)
    evaluated_at = models.DateTimeField()

    class Meta:
        verbose_name = _("derivation")
        verbose_name_plural = _("derivations")
        ordering: ClassVar = ["-evaluated_at", "-id"]
        get_latest_by: ClassVar = ["evaluated_at", "id"]
        indexes: ClassVar = [models.Index(fields=["award", "-evaluated_at"], name="derivation_of_award")]

    def __str__(self) -> str:
        return f"{self.award} ← {self.rule_version}"
