"""Judges a rule before it is published: what can never be met, always is, contradicts itself, or costs too much."""

from .checking import check
from .cost import MAX_DATE_CONDITIONS, ways
from .findings import TEXTS, Code, Finding

__all__ = ["MAX_DATE_CONDITIONS", "TEXTS", "Code", "Finding", "check", "ways"]
