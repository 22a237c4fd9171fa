"""Heads of the log are left where they cannot be taken back."""

import pytest

from credentials.keys import keyring
from credentials.log import anchoring, transparency_log
from credentials.models import Anchor
from portal.shared import outbox
from tests.factories import NOON, make_issuer

pytestmark = pytest.mark.django_db

left: list[tuple[str, int]] = []


def leave(note: str, size: int) -> str:
    """An adapter as an installation may write one."""
    left.append((note, size))
    return f"receipt {size}"


def leave_nothing(note: str, size: int) -> str:
    raise OSError(28, "no room")


@pytest.fixture
def head():
    keyring.make_missing(make_issuer(), at=NOON)
    transparency_log.sequence(at=NOON)()
    left.clear()
    return transparency_log.latest()


def test_the_newest_head_is_left_at_each_place_once(head, tmp_path, settings):
    settings.ANCHORS = [str(tmp_path), f"{__name__}.leave"]

    anchoring.anchor_newest(at=NOON)()
    again = anchoring.anchor_newest(at=NOON)

    assert again is None
    assert (tmp_path / f"checkpoint-{head.size:012d}.txt").read_text(encoding="utf-8") == head.note
    assert left == [(head.note, head.size)]
    assert set(Anchor.objects.values_list("receipt", flat=True)) == {
        f"checkpoint-{head.size:012d}.txt",
        f"receipt {head.size}",
    }


def test_what_was_left_in_a_folder_is_never_written_over(head, tmp_path, settings):
    settings.ANCHORS = [str(tmp_path)]
    former = tmp_path / f"checkpoint-{head.size:012d}.txt"
    another = head.note.replace("/log\n", "/another/log\n", 1)
    former.write_text(another, encoding="utf-8")

    with pytest.raises(outbox.Later, match=f"{former.name} holds another head"):
        anchoring.anchor_newest(at=NOON)

    assert former.read_text(encoding="utf-8") == another
    assert not Anchor.objects.exists()


def test_a_head_that_a_former_try_left_counts_as_left(head, tmp_path, settings):
    settings.ANCHORS = [str(tmp_path)]
    former = tmp_path / f"checkpoint-{head.size:012d}.txt"
    former.write_text(f"{head.note}— witness.example/w AAAA\n", encoding="utf-8")

    anchoring.anchor_newest(at=NOON)()

    assert former.read_text(encoding="utf-8").endswith("AAAA\n")
    assert Anchor.objects.get().receipt == former.name


def test_a_place_that_takes_nothing_is_tried_again(head, settings):
    settings.ANCHORS = [f"{__name__}.leave_nothing"]

    with pytest.raises(outbox.Later):
        anchoring.anchor_newest(at=NOON)


def test_without_a_head_or_a_place_there_is_nothing_to_do(settings):
    settings.ANCHORS = [f"{__name__}.leave"]
    assert anchoring.anchor_newest(at=NOON) is None
