"""Times hostile files: `python -m tests.benchmarks.hostile_files` judges each as a page does, within its limits.

Prints the slowest of them, and the most memory that any process of the check had; wanted: two seconds and 300 MiB.
Each must get the verdict that its maker wrote down. The site it runs on is one of its own, in a folder that goes away.
"""

import datetime
import os
import resource
import sys
import tempfile
import time
from pathlib import Path


def main() -> int:
    folder = Path(tempfile.mkdtemp(prefix="cairn-hostile-"))
    os.environ |= {"CAIRN_DATA": str(folder), "CAIRN_FETCH": "no", "DJANGO_SETTINGS_MODULE": "portal.settings"}
    import django

    django.setup()
    from django.core.management import call_command

    from credentials import verification
    from credentials.rendering import certificate
    from credentials.verification import limits
    from tests.credentials import disguises, hostile
    from tests.credentials.walked import in_a_pdf, issued
    from tests.factories import make_achievement

    call_command("migrate", verbosity=0)
    certificate.render = in_a_pdf
    document = issued(make_achievement(name="Data literacy")).document
    limits.warm()
    time.sleep(3)
    figures, wrong = [], []
    for files in (hostile.KINDS | disguises.KINDS).values():
        for file in files(document):
            begun = time.monotonic()
            report = verification.verify(file.content, at=datetime.datetime.now(datetime.UTC))
            figures.append((time.monotonic() - begun, file.name))
            if report.verdict is not file.verdict:
                wrong.append((file.name, report.verdict.value, file.verdict.value))
    limits.end_all()
    most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{len(figures)} files; at most {most:.0f} MiB in a child, {own:.0f} MiB here, where they were also made")
    for seconds, name in sorted(figures, reverse=True)[:8]:
        print(f"  {seconds:6.2f} s  {name}")
    for name, found, wanted in wrong:
        print(f"  WRONG: {name}: {found}, wanted {wanted}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
