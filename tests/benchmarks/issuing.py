"""Prints the whole table of what issuing costs, and has everything judged: `python -m tests.benchmarks.issuing`.

P1 a whole issuance and a batch, P2 certificates, P3 signatures, P4 signatures in PDFs, P8 the log, P10 baking: each
beside the naive way in the same run, by CPU time and medians (design, section 7). The batch goes from its job rows to
its stored files on a site of its own; some of its credentials are then judged by software that others wrote.
pymerkle and pyoxigraph are used where they are installed: `uv pip install --group benchmarks`.
"""

import argparse
import json
import os
import platform
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import psutil  # type: ignore[import-untyped]

from tests.benchmarks.batch import UNTIMED, begin, check, own_site, work
from tests.benchmarks.figures import HEAD, Figure, in_turn

SAMPLE = 24


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--count", type=int, default=1_000, help="awards of the batch")
    asked.add_argument("--batches", type=int, default=3, help="how many batches, each of an achievement of its own")
    asked.add_argument("--rounds", type=int, default=20, help="how often each naive way is gone")
    asked.add_argument("--compared", type=int, default=2_000, help="signatures compared with PyLD's, letter by letter")
    asked.add_argument("--leaves", type=int, default=1_000_000, help="leaves of the log")
    given = asked.parse_args()
    print(f"{platform.python_implementation()} {platform.python_version()}, {os.cpu_count()} processors; CPU time")
    print(HEAD, flush=True)
    missed = 0
    with own_site():
        batch = begin(given.count)
        whole, others = crafts(batch, given.rounds)
        # Each as soon as it is known: all of them take some minutes.
        for some in (
            lambda: [whole, *others],
            lambda: in_batches(batch, given.count, given.batches, whole),
            lambda: signatures(given.rounds, given.compared),
            lambda: log(given.leaves),
        ):
            for figure in some():
                print(figure.line(), flush=True)
                missed += not figure.is_reached
        judge(batch)
    print(f"{missed} of the figures are not reached" if missed else "all figures are reached")


@dataclass(frozen=True)
class Sheet:
    """What one credential is made of: the frozen text, the fields of its certificate, the picture of its badge."""

    text: str
    fields: Any
    picture: bytes


def crafts(batch: Any, rounds: int) -> tuple[Figure, list[Figure]]:
    """P1, and each craft of it for itself: P2, P4, P10; over credentials of the batch, which are not signed yet."""
    from credentials.rendering import certificate, pades, renderer
    from credentials.standards import alike, baking, data_integrity
    from tests.benchmarks import pades as naive_pades
    from tests.benchmarks import signatures as signing
    from tests.benchmarks.baking import naive as naive_bake
    from tests.credentials.rendering.test_pades import SEAL

    # Each craft gets names that were not printed before, of which a font would still be cut.
    all_sheets = sheets_of(batch, 2 * max(200, 4 * rounds))
    sheets, others = all_sheets[::2], all_sheets[1::2]
    options = data_integrity.proof_options(signing.METHOD, signing.CREATED)
    forms: dict[str, Any] = {}
    pyhanko = naive_pades.pyhanko_signer()
    unfit = 0

    def sign(sheet: Sheet) -> str:
        return data_integrity.signed_text(sheet.text, options, sign=signing.KEY.sign, public_key=signing.PUBLIC)

    def naive_sign(sheet: Sheet) -> str:
        document = json.loads(sheet.text)
        return alike.as_text(data_integrity.with_proof(document, options, signing.naive(document)))

    def fill(sheet: Sheet, document: bytes = b'{"type":"VerifiableCredential"}') -> bytes:
        nonlocal unfit
        try:
            return certificate.filled(
                sheet.fields, credential_document=document, printer=renderer.print_pdf, forms=forms
            )
        except certificate.Unfit:
            unfit += 1
            return certificate.print_whole(sheet.fields, credential_document=document, printer=renderer.print_pdf)

    def print_whole(sheet: Sheet, document: bytes = b'{"type":"VerifiableCredential"}') -> bytes:
        return certificate.print_whole(
            sheet.fields, credential_document=document, printer=renderer.print_pdf, in_one_line=True
        )

    def ours(sheet: Sheet) -> tuple[bytes, bytes]:
        text = sign(sheet)
        pdf = pades.sign(fill(sheet, text.encode()), SEAL, at=naive_pades.AT)
        return pdf, baking.bake_png(sheet.picture, text)

    def naive(sheet: Sheet) -> tuple[bytes, bytes]:
        text = naive_sign(sheet)
        return naive_pades.naive(pyhanko, print_whole(sheet, text.encode())), naive_bake(sheet.picture, text)

    names = f"{len({sheet.fields.learner_name for sheet in sheets})} names"
    whole = in_turn(naive, ours, sheets, naive_rounds=rounds)
    mean = statistics.mean(whole[0]) / statistics.mean(whole[1])
    note = (
        f"by means {mean:.0f}; {unfit} of {len(sheets) + 1} were printed by WeasyPrint, since they cannot be filled in"
    )
    found = [Figure("P2", "certificate", names, *in_turn(print_whole, fill, others, naive_rounds=rounds), 50)]
    pdfs = [fill(sheet, sheet.text.encode()) for sheet in sheets]
    times = in_turn(
        lambda pdf: naive_pades.naive(pyhanko, pdf),
        lambda pdf: pades.sign(pdf, SEAL, at=naive_pades.AT),
        pdfs,
        naive_rounds=rounds,
    )
    found.append(Figure("P4", "PAdES signature, P-256", f"{len(pdfs[0]) // 1000} kB each", *times, 100))
    baked = in_turn(
        lambda sheet: naive_bake(sheet.picture, sheet.text),
        lambda sheet: baking.bake_png(sheet.picture, sheet.text),
        sheets,
        naive_rounds=rounds,
    )
    found.append(Figure("P10", "baked badge", f"{len(sheets[0].picture) // 1000} kB each", *baked, 1_000))
    return Figure("P1", "a whole issuance: both signatures, PDF, PNG", names, *whole, 60, note), found


def sheets_of(batch: Any, count: int) -> list[Sheet]:
    """What is to be signed and printed for the first of a batch; awarded for it, and the awards taken back."""
    from django.db import transaction

    from credentials import renditions
    from credentials.models import Credential
    from pathways import conferral
    from portal.accounts.ledger import lock_learners

    picture = renditions.badge_picture(batch.achievement)
    learners = [line.learner for line in batch.lines.select_related("learner")[:count]]
    with transaction.atomic():
        lock_learners([learner.pk for learner in learners])
        conferral.confer_to_many(
            learners=learners, achievement=batch.achievement, reason="Try.", by=batch.begun_by, at=batch.begun_at
        )
        made = list(Credential.objects.select_related("award__achievement__issuer").order_by("id"))
        for credential in made:
            credential.document = credential.body
        fields = renditions._fields(made)
        transaction.set_rollback(True)
    return [Sheet(credential.body, each, picture) for credential, each in zip(made, fields, strict=True)]


def signatures(rounds: int, compare: int) -> Sequence[Figure]:
    from tests.benchmarks import signatures as signing

    return signing.figures(rounds, compare)


def log(leaves: int) -> list[Figure]:
    from tests.benchmarks import log as logging

    return logging.figures(leaves, rounds=3, proofs_asked=2_000)


def in_children() -> float:
    """CPU seconds of the processes that this one has begun, whether they live or not."""
    living = [each.cpu_times() for each in psutil.Process().children(recursive=True)]
    ended = os.times()
    return sum(each.user + each.system for each in living) + ended.children_user + ended.children_system


def in_batches(first: Any, count: int, batches: int, whole: Figure) -> list[Figure]:
    """Batches from their job rows to their stored files, with all that is waited for in child processes.

    WeasyPrint is loaded before, as it is before the naive way is timed.
    """
    from credentials.rendering import limited

    loaded = in_children()
    with limited._one_at_a_time:
        limited._running_child()
    loaded = in_children() - loaded
    done = [in_batch(first if number == 0 else begin(count, number=number), count) for number in range(batches)]
    totals, notes = zip(*sorted(done), strict=True)
    note = f"of the one between: {notes[batches // 2]}; besides, loading WeasyPrint took {loaded:.2f} s once"
    return [
        Figure(
            "P1",
            "a batch, from job rows to stored files",
            f"{batches} of {count} awards",
            whole.naive,
            totals,
            40,
            note,
        )
    ]


def in_batch(batch: Any, count: int) -> tuple[float, str]:
    """Milliseconds for each award of one batch, and what they went into."""
    from portal.shared.models import Job

    # Of the batch before: nobody is to look through them for what is due.
    Job.objects.filter(kind__in=UNTIMED).delete()
    before = in_children()
    spent, queueing, _counts = work(without=UNTIMED)
    children = in_children() - before
    check(batch, count)
    # What the naive way does not do either, and what is not between the job row and the file.
    awarding = spent.pop("pathways.award_group") + queueing.pop("pathways.award_group")
    total = sum(spent.values()) + sum(queueing.values()) + children
    share = sum(queueing.values()) / total
    greatest = sorted(spent.items(), key=lambda one: -one[1])[:5]
    each = ", ".join(f"{kind.partition('.')[2]} {seconds / count * 1e3:.2f}" for kind, seconds in greatest)
    note = (
        f"ms each: {each}, WeasyPrint's processes {children / count * 1e3:.2f}; queueing {share:.1%} (wanted: 10 %); "
        f"awarding took {awarding / count * 1e3:.2f}"
    )
    return total / count * 1e3, note


def judge(batch: Any) -> None:
    from credentials.models import Credential
    from tests.benchmarks import accepted

    made = Credential.objects.filter(award__achievement=batch.achievement).select_related("issuer", "status_list")
    every = max(1, made.count() // SAMPLE)
    chosen = list(made.order_by("id"))[::every][:SAMPLE]
    print(f"Of the batch, {len(chosen)} credentials with their certificates and badges are judged by others:")
    for line in accepted.verdicts(chosen):
        print(line, flush=True)


if __name__ == "__main__":
    main()
