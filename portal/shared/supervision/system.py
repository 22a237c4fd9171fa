"""What this machine has and lacks, each with the exact line that brings it."""

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FONTS = {
    "Arabic": ("NotoSansArabic*", "NotoNaskhArabic*"),
    "Devanagari": ("NotoSansDevanagari*",),
    "Chinese, Japanese and Korean": ("NotoSansCJK*", "NotoSerifCJK*", "NotoSansSC*"),
}
FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.fonts", "~/.local/share/fonts")


@dataclass(frozen=True)
class Finding:
    """One thing looked at: whether it is well, in words, and what to do if not."""

    name: str
    well: bool
    words: str
    remedy: str = ""


def of_the_machine() -> Iterator[Finding]:
    """Python, Pango and fonts."""
    yield Finding(
        "Python",
        sys.version_info >= (3, 11),
        platform.python_version(),
        install("python3 python3-venv", brew="python@3.13"),
    )
    yield pango()
    yield fonts()


def pango() -> Finding:
    """Whether WeasyPrint finds its libraries; asked in a process of its own, since without them it talks and raises."""
    asked = subprocess.run([sys.executable, "-c", "import weasyprint"], capture_output=True, check=False, timeout=60)
    if asked.returncode == 0:
        return Finding("Pango", True, "found; PDFs are made")
    return Finding(
        "Pango",
        False,
        "not found; everything works but PDFs, which wait until it is here",
        install("libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0", brew="pango"),
    )


def fonts() -> Finding:
    """Whether names in other scripts can be printed; macOS brings its own fonts."""
    if sys.platform == "darwin":
        return Finding("Fonts", True, "those of macOS")
    folders = [Path(folder).expanduser() for folder in FONT_FOLDERS]
    missing = [
        script
        for script, patterns in FONTS.items()
        if not any(next(folder.rglob(pattern), None) for folder in folders if folder.is_dir() for pattern in patterns)
    ]
    if not missing:
        return Finding("Fonts", True, "for Arabic, Devanagari, Chinese, Japanese and Korean too")
    return Finding("Fonts", False, f"none for {'; '.join(missing)}", install("fonts-noto-core fonts-noto-cjk", brew=""))


def writable(folder: Path) -> Finding:
    """Whether the site may write where it keeps its files."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f".probe-{os.getpid()}"
        probe.write_bytes(b"1")
        probe.unlink()
    except OSError as error:
        return Finding(
            "Files", False, f"{folder} cannot be written to ({error.strerror})", f"chown -R $(id -un) '{folder}'"
        )
    return Finding("Files", True, f"{folder} can be written to")


def install(packages: str, *, brew: str) -> str:
    """The line to type on this system."""
    if sys.platform == "darwin":
        return f"brew install {brew}"
    if shutil.which("apt-get"):
        sudo = "" if os.geteuid() == 0 else "sudo "
        return f"{sudo}apt-get install -y {packages}"
    return f"install with your system's packager what Debian calls: {packages}"
