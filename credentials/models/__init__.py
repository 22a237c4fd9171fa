"""What is kept: issuers, achievements, awards, credentials and their status, keys, the log, renditions."""

from credentials.models.achievements import Achievement, AchievementSkill
from credentials.models.awards import Award, Credential, Rendition, StatusEvent, StatusList
from credentials.models.badges import BadgeDesign, BadgePicture
from credentials.models.certificates import CertificatePicture, CertificateProof, CertificateTemplate
from credentials.models.checks import CheckLine, CheckSheet
from credentials.models.claims import Claim, ClaimedFile
from credentials.models.endorsements import Endorsement, GivenEndorsement
from credentials.models.erasures import ErasedCredential
from credentials.models.exchange import UsedCode, UsedNonce, WalletClient, WalletCopy, WalletOffer, WalletTransfer
from credentials.models.issuers import Issuer, IssuerRole, SigningKey
from credentials.models.log import Anchor, Checkpoint, Cosignature, LogEntry, LogTile
from credentials.models.records import LearnerRecord
from credentials.models.seals import Seal
from credentials.models.sharing import SharingEnd
from credentials.models.tokens import Token, TokenKey
from credentials.models.transcripts import Transcript
from credentials.models.trust import TrustedIssuer

__all__ = [
    "Achievement",
    "AchievementSkill",
    "Anchor",
    "Award",
    "BadgeDesign",
    "BadgePicture",
    "CertificatePicture",
    "CertificateProof",
    "CertificateTemplate",
    "CheckLine",
    "CheckSheet",
    "Checkpoint",
    "Claim",
    "ClaimedFile",
    "Cosignature",
    "Credential",
    "Endorsement",
    "ErasedCredential",
    "GivenEndorsement",
    "Issuer",
    "IssuerRole",
    "LearnerRecord",
    "LogEntry",
    "LogTile",
    "Rendition",
    "Seal",
    "SharingEnd",
    "SigningKey",
    "StatusEvent",
    "StatusList",
    "Token",
    "TokenKey",
    "Transcript",
    "TrustedIssuer",
    "UsedCode",
    "UsedNonce",
    "WalletClient",
    "WalletCopy",
    "WalletOffer",
    "WalletTransfer",
]
