"""Has pictures that come from outside made anew in a child process, so that nothing of the old file goes on."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from credentials.rendering import limited
from portal.shared.refusals import Refusal

MAX_BYTES = 5 * 1024 * 1024
WALL_SECONDS = 15.0
#: How many pixels a picture needs at most where it stands, and whether it covers what lies below.
USES = {"logo": (1200, 480, False), "seal": (500, 500, False), "signature": (700, 200, False)}
BACKGROUND = (1754, 2480, True)

_ROOT = Path(__file__).resolve().parent.parent.parent


class PictureRefused(Refusal):
    """Not a picture that can be printed."""

    words = _("{name}: {why}")
    status: ClassVar[int] = 422


WHY = {
    "kind": _("this is not a PNG, JPEG or WebP picture. Save it as one of these; drawings (SVG) are not taken."),
    "size": _("this picture has more than 4,096 pixels on a side, or more than 8 million. Make it smaller."),
    "frames": _("this picture moves. Save a single frame of it."),
    "detail": _("this picture has too much detail to stand in every certificate. Make it smaller or plainer."),
    "large": _("this file is larger than 5 MB."),
    "broken": _("this picture could not be read; it may be damaged."),
}


@dataclass(frozen=True)
class MadeAnew:
    """A picture as it may be printed, and how dark and light it is where text would stand (luminances, 0 to 1)."""

    content: bytes
    media_type: str
    width: int
    height: int
    darkest: float
    lightest: float


def made_anew(content: bytes, *, use: str, name: str, landscape: bool = False) -> MadeAnew:
    """The picture for its use: logo, seal, signature or background. Raises PictureRefused."""
    width, height, flat = USES.get(use, BACKGROUND)
    if landscape and use not in USES:
        width, height = height, width
    head = json.dumps({"width": width, "height": height, "flat": flat})
    try:
        said, made = in_a_child("credentials.rendering.picture_child", head, content)
    except NotMade as failure:
        raise PictureRefused(name=name, why=WHY[str(failure)]) from failure
    if why := said.get("refused"):
        raise PictureRefused(name=name, why=WHY[why])
    return MadeAnew(made, **said)


class NotMade(Exception):
    """Why nothing came of it, as a word of `WHY`."""


def in_a_child(module: str, head: str, content: bytes) -> tuple[dict[str, Any], bytes]:
    """What a process that ends with this picture says of it, and what it made of it. Raises NotMade."""
    if len(content) > MAX_BYTES:
        raise NotMade("large")
    try:
        ran = subprocess.run(  # noqa: S603 - our own module, named by our own code
            [sys.executable, "-m", module],
            input=head.encode() + b"\n" + content,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=_ROOT,
            env=limited.environment(),
            timeout=WALL_SECONDS,
            check=True,
        )
    except (subprocess.TimeoutExpired, subprocess.CalledProcessError) as error:
        raise NotMade("broken") from error
    first, _line, made = ran.stdout.partition(b"\n")
    return json.loads(first), made
