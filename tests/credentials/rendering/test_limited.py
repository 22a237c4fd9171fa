"""Tests the child that prints: what it may reach, and what becomes of one that hangs or dies."""

import multiprocessing
import os
import signal
import sys
from datetime import date
from pathlib import Path

import pytest

from credentials.rendering import failures, limited, renderer

pytestmark = pytest.mark.skipif(not renderer.is_here(), reason=failures.install_line())

PAGE = "<html lang=en><title>One</title><p>One page</p></html>"


def printed(html=PAGE):
    return limited.print_pdf(html, resources={}, attachment=b"{}", dated_on=date(2026, 5, 3))


def child():
    assert limited._child is not None
    return limited._child.process.pid


@pytest.fixture(autouse=True)
def closed():
    yield
    limited.close()


def test_one_child_prints_many_pages_and_then_another(monkeypatch):
    monkeypatch.setattr(limited, "RECYCLED_AFTER", 2)
    printed()
    first = child()
    printed()
    assert child() == first
    printed()
    assert child() != first


@pytest.mark.parametrize(
    "address", ["file:///etc/passwd", "http://127.0.0.1:1/", "data:image/png;base64,AAAA", "other.svg"]
)
def test_a_page_reads_nothing_but_what_was_given(address):
    with pytest.raises(failures.RenderFailed, match="may not read"):
        printed(f'<html lang=en><title>x</title><img alt="x" src="{address}">')
    assert printed().startswith(b"%PDF-1.7")


@pytest.mark.parametrize(
    "extra",
    [
        '<a href="https://elsewhere.example/">there</a>',
        '<a href="javascript:alert(1)">run</a>',
        '<a rel="attachment" href="notes.txt">more</a>',
        '<link rel="attachment" href="notes.txt">',
    ],
)
def test_a_page_leads_nowhere_else_and_carries_nothing_else(extra):
    page = f"<html lang=en><title>x</title>{extra}"
    given = {"notes.txt": ("text/plain", b"more")}
    with pytest.raises(failures.RenderFailed, match=r"leads to|carries 2 files"):
        limited.print_pdf(page, resources=given, attachment=b"{}", dated_on=date(2026, 5, 3))


def test_a_page_that_leaves_readers_out_is_refused():
    with pytest.raises(failures.RenderFailed, match="lang"):
        printed("<title>x</title><p>No language</p>")


def test_a_child_that_hangs_is_stopped_and_the_next_page_printed(monkeypatch):
    printed()
    hung = child()
    os.kill(hung, signal.SIGSTOP)
    monkeypatch.setattr(limited, "WALL_SECONDS", 0.3)
    with pytest.raises(failures.RenderFailed, match="stopped"):
        printed()
    monkeypatch.undo()
    assert printed().startswith(b"%PDF")
    assert child() != hung
    with pytest.raises(ProcessLookupError):
        os.kill(hung, 0)


def test_a_child_that_died_is_replaced_unnoticed():
    printed()
    process = limited._child.process
    process.kill()
    process.wait()
    assert printed().startswith(b"%PDF")


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_the_child_has_limits_and_none_of_our_secrets(monkeypatch):
    monkeypatch.setenv("CAIRN_SECRET_KEY", "do-not-tell")
    monkeypatch.setenv("DATABASE_URL", "postgres://do-not-tell")
    printed()
    proc = Path("/proc") / str(child())
    limits = {line[:26].strip(): line[26:].split()[:2] for line in (proc / "limits").read_text().splitlines()}
    assert limits["Max address space"] == [str(1 << 30)] * 2
    assert 20 <= int(limits["Max cpu time"][0]) <= 60
    assert b"do-not-tell" not in (proc / "environ").read_bytes()
    assert os.getsid(child()) == child()


def _print_in_a_worker(answers):
    answers.put(printed())
    limited.close()


def test_a_daemonic_worker_prints_with_a_child_of_its_own():
    mine = printed()
    before = child()
    workers = multiprocessing.get_context("fork")
    answers = workers.Queue()
    worker = workers.Process(target=_print_in_a_worker, args=(answers,), daemon=True)
    worker.start()
    assert answers.get(timeout=30) == mine
    worker.join(timeout=10)
    assert worker.exitcode == 0
    assert printed() == mine
    assert child() == before


def test_without_pango_the_line_to_run_is_told(monkeypatch):
    monkeypatch.setattr(renderer, "_missing", "cannot load library 'libpango-1.0-0'")
    assert not renderer.is_here()
    with pytest.raises(failures.RendererMissing, match=r"apt-get install -y libpango|brew install pango"):
        renderer.print_pdf(PAGE, resources={}, attachment=b"{}", dated_on=date(2026, 5, 3))
    assert "brew install pango" in failures.install_line("darwin")
    assert "apt-get install" in failures.install_line("linux")
