"""Reads the Open University Learning Analytics Dataset: rows in, plain values out, nothing kept in memory at length."""

import csv
import gzip
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import IO

FILES = ("courses.csv", "assessments.csv", "studentInfo.csv", "studentAssessment.csv")
RESULTS = ("Pass", "Distinction", "Fail", "Withdrawn")
# A presentation with the letter B starts in February, with J in October.
START_MONTHS = {"B": 2, "J": 10}


class BadDataset(Exception):
    """A file is missing, or a row says something that cannot be; names the file and the row."""


@dataclass(frozen=True)
class Sitting:
    """An assessment of a presentation."""

    id: str
    kind: str
    due_on: date
    weight: Decimal


@dataclass(frozen=True)
class Presentation:
    """A module as it was given from one month on."""

    module: str
    code: str
    starts_on: date
    ends_on: date
    sittings: tuple[Sitting, ...]

    @property
    def name(self) -> str:
        return f"{self.module} {self.code}"


@dataclass(frozen=True)
class Result:
    """One row of marks: for which assessment, when, how many; no score means handed in and never marked."""

    sitting: str
    day: int
    is_banked: bool
    score: Decimal | None


@dataclass
class Student:
    """A student of one presentation with everything they did in it."""

    id: str
    final_result: str
    results: list[Result] = field(default_factory=list)


def find(folder: Path, name: str) -> Path:
    """The file, plain or gzipped."""
    for path in (folder / name, folder / f"{name}.gz"):
        if path.is_file():
            return path
    raise BadDataset(f"{name} or {name}.gz is missing in {folder}. Give the folder that holds {', '.join(FILES)}.")


def rows(folder: Path, name: str) -> Iterator[tuple[int, Mapping[str, str]]]:
    """The rows of a file with their line numbers."""
    path = find(folder, name)
    source: IO[str]
    with (
        gzip.open(path, "rt", encoding="utf-8", newline="")
        if path.suffix == ".gz"
        else path.open(encoding="utf-8", newline="") as source
    ):
        yield from enumerate(csv.DictReader(source), start=2)


def presentations(folder: Path) -> list[Presentation]:
    """All presentations, the earliest first, so that awards are made in the order in which they were earned."""
    sittings: dict[tuple[str, str], list[tuple[Mapping[str, str], int]]] = {}
    for line, row in rows(folder, "assessments.csv"):
        sittings.setdefault((row["code_module"], row["code_presentation"]), []).append((row, line))
    found = []
    for line, row in rows(folder, "courses.csv"):
        key = (row["code_module"], row["code_presentation"])
        starts_on = _starts_on(key[1], line)
        ends_on = starts_on + timedelta(days=_whole(row["module_presentation_length"], "courses.csv", line))
        of_course = tuple(
            Sitting(
                id=sitting["id_assessment"],
                kind=sitting["assessment_type"],
                # An exam without a date is sat in the last week.
                due_on=starts_on + timedelta(days=_whole(sitting["date"], "assessments.csv", at))
                if sitting["date"]
                else ends_on,
                weight=Decimal(sitting["weight"]),
            )
            for sitting, at in sittings.get(key, ())
        )
        found.append(Presentation(*key, starts_on, ends_on, of_course))
    return sorted(found, key=lambda each: (each.starts_on, each.module))


def spool_results(folder: Path, into: Path, by_sitting: Mapping[str, str]) -> int:
    """Sort the marks into one file for each presentation, so that none has to be held in memory whole.

    `by_sitting` names the presentation of each assessment id. Answers with the number of marks.
    """
    open_file: IO[str] | None = None
    current = ""
    count = 0
    try:
        for line, row in rows(folder, "studentAssessment.csv"):
            place = by_sitting.get(row["id_assessment"])
            if place is None:
                raise BadDataset(f"studentAssessment.csv, line {line}: no assessment {row['id_assessment']!r}.")
            if place != current or open_file is None:
                if open_file is not None:
                    open_file.close()
                open_file = (into / f"{place}.jsonl").open("a", encoding="utf-8")
                current = place
            # The data set writes a missing score as "?" in some editions, as nothing in others.
            score = "" if row["score"] == "?" else row["score"]
            _check_score(score, line)
            day = _whole(row["date_submitted"], "studentAssessment.csv", line)
            fields = [row["id_student"], row["id_assessment"], day, row["is_banked"] == "1", score]
            open_file.write(json.dumps(fields) + "\n")
            count += 1
    finally:
        if open_file is not None:
            open_file.close()
    return count


def students(folder: Path) -> dict[str, dict[str, Student]]:
    """Who studied in which presentation; small, since it holds one word for each."""
    found: dict[str, dict[str, Student]] = {}
    for line, row in rows(folder, "studentInfo.csv"):
        if row["final_result"] not in RESULTS:
            raise BadDataset(f"studentInfo.csv, line {line}: {row['final_result']!r} is none of {', '.join(RESULTS)}.")
        name = f"{row['code_module']} {row['code_presentation']}"
        found.setdefault(name, {})[row["id_student"]] = Student(row["id_student"], row["final_result"])
    return found


def add_results(spooled: Path, into: Mapping[str, Student]) -> None:
    """Give each student of a presentation their marks; marks of someone who is not enrolled are an error."""
    if not spooled.exists():
        return
    with spooled.open(encoding="utf-8") as source:
        for line in source:
            student, sitting, day, is_banked, score = json.loads(line)
            if student not in into:
                raise BadDataset(f"studentAssessment.csv: student {student} has marks in {spooled.stem} and no place.")
            into[student].results.append(Result(sitting, day, is_banked, Decimal(score) if score else None))


def _starts_on(code: str, line: int) -> date:
    if len(code) != 5 or not code[:4].isdigit() or code[4] not in START_MONTHS:
        raise BadDataset(f"courses.csv, line {line}: {code!r} is not a year and B or J.")
    return date(int(code[:4]), START_MONTHS[code[4]], 1)


def _whole(text: str, file: str, line: int) -> int:
    try:
        return int(text)
    except ValueError:
        raise BadDataset(f"{file}, line {line}: {text!r} is not a whole number.") from None


def _check_score(text: str, line: int) -> None:
    if not text:
        return
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal(-1)
    if not 0 <= value <= 100:
        raise BadDataset(f"studentAssessment.csv, line {line}: the score {text!r} is not between 0 and 100.")
