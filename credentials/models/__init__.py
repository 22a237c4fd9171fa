"""What is kept: issuers, achievements, awards, credentials and their status, keys, the log, renditions."""

from credentials.models.achievements import Achievement, AchievementSkill
from credentials.models.awards import Award, Credential, Rendition, StatusEvent, StatusList
from credentials.models.issuers import Issuer, IssuerRole, SigningKey
from credentials.models.log import Checkpoint, LogEntry, LogTile

__all__ = [
    "Achievement",
    "AchievementSkill",
    "Award",
    "Checkpoint",
    "Credential",
    "Issuer",
    "IssuerRole",
    "LogEntry",
    "LogTile",
    "Rendition",
    "SigningKey",
    "StatusEvent",
    "StatusList",
]
