"""Why a rendition is not there: what is missing on this machine, or what went wrong."""

import sys


class RendererMissing(Exception):
    """WeasyPrint cannot run here; the words say what a person must install. A job that meets this waits."""


class RenderFailed(Exception):
    """The page could not be printed: a defect of ours, since every page is, or a limit that it reached."""


class GlyphsMissing(Exception):
    """No installed font draws these characters. A certificate with boxes in a name must not go out; the job waits."""

    def __init__(self, characters: str) -> None:
        self.characters = characters
        named = " ".join(f"{character} (U+{ord(character):04X})" for character in characters)
        super().__init__(
            f"No font on this system draws {named}. The Noto fonts (Debian and Ubuntu: fonts-noto-core and "
            "fonts-noto-cjk) draw nearly every script. What they do not draw, such as emoji, no certificate can hold: "
            "the name has to be corrected."
        )


def install_line(platform: str = sys.platform) -> str:
    """What to run on this system so that certificates can be printed."""
    if platform == "darwin":
        return (
            "Run: brew install pango  (and start Cairn with DYLD_FALLBACK_LIBRARY_PATH=/opt/homebrew/lib, "
            "on Intel /usr/local/lib)"
        )
    return "Run: sudo apt-get install -y libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-noto-core"
