"""Times certificates: `python -m tests.benchmarks.certificates` prints CPU milliseconds, beside WeasyPrint's (P2).

The naive way prints the page of each learner by WeasyPrint in this process. Ours fills the compiled form of it, with
what it takes to lay it out once. Both make PDF/A-3a and PDF/UA-1 with the signed credential inside. Afterwards some
pairs are compared: tags, pixels at 100 dpi, and words; and memory is measured while a thousand are filled.
"""

import argparse
import os
import random
import resource
import statistics
import subprocess
import time
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
django.setup()

from credentials.rendering import certificate, pades, renderer  # noqa: E402
from credentials.rendering.compiled.form import Form  # noqa: E402
from credentials.rendering.compiled.unfit import Unfit  # noqa: E402
from credentials.rendering.sheet.fields import CertificateFields  # noqa: E402
from portal.shared import cairn  # noqa: E402
from tests.benchmarks.names import names  # noqa: E402
from tests.credentials.rendering.designs import ACROSS  # noqa: E402
from tests.credentials.rendering.pages import parts_per_million_apart, pixels, tags, words  # noqa: E402
from tests.credentials.rendering.test_pades import AT, SEAL  # noqa: E402

# A signed Open Badges credential takes about so much.
DOCUMENT = b'{"type":["VerifiableCredential","OpenBadgeCredential"],"name":"' + os.urandom(2500).hex().encode() + b'"}'
SHEET = CertificateFields(
    learner_name="",
    achievement_name="Data Analyst Diploma",
    issuer_name="Northfield College",
    parent_issuer_name="Faculty of Computing",
    awarded_on=date(2026, 5, 3),
    valid_until=date(2029, 5, 3),
    credits="60 ECTS credits",
    level="EQF level 5",
    outcomes=("clean and join data", "choose and defend a method", "show what was found, and what was not"),
    statement="Awarded by the Board of Examiners to those who passed all of its parts.",
    verify_url="",
    code="",
    parts=(("Databases", date(2025, 6, 1)), ("Statistics", date(2026, 5, 3))),
    stones=cairn.stones([("a", 30, "earned"), ("b", 30, "earned")]),
)
LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def learners(count: int) -> list[CertificateFields]:
    """Sheets that differ in all that is a learner's: name, code, address, days."""
    chance = random.Random(11)  # noqa: S311 - nothing secret
    made = []
    for name in names(count):
        code = "".join(chance.choices(LETTERS, k=26))
        on = date(2026, 5, 3) + timedelta(days=chance.randrange(60))
        made.append(
            replace(
                SHEET,
                learner_name=name,
                code=code,
                verify_url=f"https://northfield.example/c/{code}/",
                awarded_on=on,
                valid_until=on + timedelta(days=1095),
                parts=tuple((part, on - timedelta(days=chance.randrange(1, 300))) for part, _on in SHEET.parts),
            )
        )
    return made


def timed(work: list[object]) -> str:
    values = sorted(float(str(each)) for each in work)
    tenth = len(values) // 10
    return f"{statistics.median(values):8.3f}   {values[tenth]:7.3f} to {values[-1 - tenth]:7.3f}"


def cpu(act: object, *arguments: object) -> tuple[float, object]:
    start = time.process_time()
    answer = act(*arguments)  # type: ignore[operator]
    return (time.process_time() - start) * 1000, answer


def resident() -> float:
    """Megabytes that this process holds now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1]) if Path("/proc/self/statm").exists() else 0
    return pages * resource.getpagesize() / 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1000, help="certificates to fill")
    parser.add_argument("--naive", type=int, default=15, help="certificates to print by WeasyPrint")
    parser.add_argument("--compare", type=int, default=12, help="pairs to compare")
    parser.add_argument("--designed", action="store_true", help="by a design with pictures and signatures, across")
    parser.add_argument(
        "--keep", type=Path, help="a folder for the files of the pairs, signed, to be checked by others"
    )
    asked = parser.parse_args()
    everybody = learners(asked.count)
    if asked.designed:
        everybody = [replace(fields, design=ACROSS) for fields in everybody]
    forms: dict[str, Form | None] = {}

    def fill(fields: CertificateFields) -> bytes:
        return certificate.filled(fields, credential_document=DOCUMENT, printer=renderer.print_pdf, forms=forms)

    def whole(fields: CertificateFields) -> bytes:
        return certificate.print_whole(
            fields, credential_document=DOCUMENT, printer=renderer.print_pdf, in_one_line=True
        )

    naive = [cpu(whole, fields)[0] for fields in everybody[: asked.naive]]
    once, _ = cpu(fill, everybody[0])
    ours, reasons, memory = [], Counter[str](), []
    for place, fields in enumerate(everybody):
        try:
            ours.append(cpu(fill, fields)[0])
        except Unfit as reason:
            reasons[reason.reason] += 1
        if place % 100 == 0:
            memory.append(resident())
    print(f"{'CPU milliseconds':34}   median    tenth to ninth tenth")
    print(f"{f'WeasyPrint, {len(naive)} of them':34} {timed(list(naive))}")
    print(f"{f'filled, {len(ours)} of them':34} {timed(list(ours))}")
    print(f"{'laying out and compiling, once':34} {once:8.1f}")
    shared = (sum(ours) + once) / len(ours)
    print(f"{'filled, on average, compiling shared':34} {shared:6.3f}")
    print(
        f"ratio of medians {statistics.median(naive) / statistics.median(ours):.0f}, needed 50; "
        f"with compiling shared {statistics.mean(naive) / shared:.0f}"
    )
    print(
        f"not filled: {dict(reasons)}, {sum(reasons.values()) / asked.count:.2%} of {asked.count}; forms: {len(forms)}"
    )
    print(f"megabytes held, every hundred: {' '.join(f'{each:.0f}' for each in memory)}")
    compare(everybody, fill, whole, asked.compare, asked.keep)


def compare(everybody, fill, whole, count, keep):  # type: ignore[no-untyped-def]
    furthest, faults = 0.0, Counter[str]()
    seen: set[str] = set()
    chosen = []
    for fields in everybody:
        script = fields.learner_name[:1] if fields.learner_name[:1].isascii() else hex(ord(fields.learner_name[0]) >> 7)
        if script not in seen:
            seen.add(script)
            chosen.append(fields)
    for place, fields in enumerate(chosen[:count]):
        try:
            ours = fill(fields)
        except Unfit:
            continue
        theirs = whole(fields)
        furthest = max(furthest, parts_per_million_apart(pixels(ours), pixels(theirs)))
        faults["tags"] += tags(ours) != tags(theirs)
        faults["words"] += fields.learner_name not in words(ours).replace("\n", " ")
        faults["bytes"] += ours != fill(fields)
        if keep:
            keep.mkdir(parents=True, exist_ok=True)
            (keep / f"{place}.pdf").write_bytes(pades.sign(ours, SEAL, at=AT))
            told = subprocess.run(["qpdf", "--check", keep / f"{place}.pdf"], capture_output=True, check=False)
            faults["qpdf"] += told.returncode != 0
    print(f"compared {min(count, len(chosen))}: pixels apart at most {furthest:.0f} ppm; faults {dict(faults)}")


if __name__ == "__main__":
    main()
