"""Compares the settings that the README explains with those that the site reads."""

import re
from collections.abc import Iterator
from pathlib import Path

from portal import env

README = Path(__file__).parents[2] / "README.md"


def modules() -> Iterator[Path]:
    for package in ("portal", "credentials", "pathways"):
        yield from (README.parent / package).rglob("*.py")


def test_every_setting_is_explained_and_every_explained_one_is_read() -> None:
    section = README.read_text(encoding="utf-8").split("\n## Settings\n")[1].split("\n## ")[0]
    explained = set(re.findall(r"^\| `([A-Z_]+)` \|", section, re.MULTILINE))
    # What is read while a site runs stands in the sources; what is read at the start has been asked for.
    read = re.compile(r"\b(?:text|flag|number|words|secret|hosts)\(\s*\"([A-Z_]+)\"")
    sources = (path.read_text(encoding="utf-8") for path in modules())
    assert explained == env.names | {name for source in sources for name in read.findall(source)}


def test_no_other_module_reads_the_environment() -> None:
    root = README.parent
    allowed = {"portal/env.py", "portal/shared/supervision/kin.py", "portal/shared/management/commands/up.py"}
    # The limited child passes on what a renderer may see, and names nothing of ours.
    allowed |= {"credentials/rendering/limited.py"}
    readers = {
        str(path.relative_to(root))
        for path in modules()
        if re.search(r"os\.(environ(?!\.setdefault)|getenv)", path.read_text(encoding="utf-8"))
    }
    assert readers <= allowed
