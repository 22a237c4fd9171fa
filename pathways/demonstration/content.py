"""Reads the files of the demonstration college, and turns their questions and rubrics into what authoring takes."""

import hashlib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent
MEDIA = FOLDER / "media"

# The reader in C is ten times as quick; it is not in every build of PyYAML.
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Fields = dict[str, Any]


@cache
def college() -> Fields:
    """Issuers, people, qualifications, pathways, and the history of each learner."""
    return _read(FOLDER / "college.yaml")


@cache
def courses() -> tuple[Fields, ...]:
    """The courses in the order of their file names, each with its modules, assessments and achievement."""
    return tuple(_read(path) for path in sorted((FOLDER / "courses").glob("*.yaml")))


@cache
def offers() -> list[Fields]:
    """Prerequisites, places and dates of courses."""
    return _read(FOLDER / "offers.yaml")


@cache
def looks() -> Fields:
    """How badges and certificates look."""
    return _read(FOLDER / "looks.yaml")


@cache
def neighbours() -> Fields:
    """Houses elsewhere, what they signed, and what comes of it."""
    return _read(FOLDER / "neighbours.yaml")


@cache
def earlier_work() -> dict[str, str]:
    """The text that stands for work of earlier terms, by `course/assessment`, with a place for {place}."""
    return _read(FOLDER / "submissions" / "earlier.yaml")


def submission_text(name: str) -> str:
    """A piece of work that waits for its mark."""
    return (FOLDER / "submissions" / name).read_text(encoding="utf-8")


def _read(path: Path) -> Any:
    # Safe: both readers build plain values only.
    return yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506


def question_fields(question: Mapping[str, Any]) -> Fields:
    """A question as `authoring` takes it."""
    fields: Fields = {"kind": question["kind"], "prompt": question["ask"], "feedback": _explanation(question)}
    match question["kind"]:
        case "single" | "multiple":
            choices = [
                {"text": option["right"], "correct": True, "feedback": option.get("because", "")}
                if "right" in option
                else {"text": option["wrong"], "correct": False, "feedback": option["because"]}
                for option in question["options"]
            ]
            # The files put the right answers first, for those who read them; learners must not see it so.
            fields["choices"] = sorted(choices, key=lambda each: _mixed(question["ask"], each["text"]))
        case "number":
            fields["answer"] = {"value": str(question["answer"]), "tolerance": str(question.get("tolerance", 0))}
        case "text":
            fields["answer"] = {"accepted": list(question["accept"])}
    return fields


def _explanation(question: Mapping[str, Any]) -> str:
    """What is said after answering: the reason, and for typed answers also why frequent slips are wrong."""
    slips = [f"- If you wrote *{trap['answer']}*: {trap['because']}" for trap in question.get("traps", ())]
    return "\n\n".join(part for part in (question.get("because", ""), "\n".join(slips)) if part)


def _mixed(prompt: str, text: str) -> str:
    return hashlib.sha256(f"{prompt}\n{text}".encode()).hexdigest()


def answer_to(kind: str, choices: Sequence[Mapping[str, Any]], answer: Mapping[str, Any], *, right: bool) -> Any:
    """What a learner enters who knows the answer, or does not."""
    match kind:
        case "single":
            return next(index for index, choice in enumerate(choices) if choice["correct"] is right)
        case "multiple":
            return [index for index, choice in enumerate(choices) if choice["correct"] is right]
        case "number":
            return answer["value"] if right else "-1"
        case _:
            return answer["accepted"][0] if right else "I do not know"


def rubric_fields(rubric: Mapping[str, Any]) -> list[Fields]:
    """The criteria of a rubric as `authoring` takes them: levels from low to high."""
    return [
        {
            "title": criterion["title"],
            "levels": [
                {"title": title, "description": level["text"], "marks": level["points"]}
                for title, level in reversed(list(zip(rubric["scale"], criterion["levels"], strict=True)))
            ],
        }
        for criterion in rubric["criteria"]
    ]
