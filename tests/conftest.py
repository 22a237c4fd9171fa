"""What every test may ask for: the database of this run, a broker, a browser, and a site that answers."""

import contextlib
import gc
import os
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from django.conf import settings
from django.db import OperationalError, connections
from django.db.backends.signals import connection_created

from portal import env
from tests import postgres

_stop_postgres: postgres.Stop | None = None
_folder: Path | None = None

# The shell draws the same pages without the rest of a browser, which is a third of what these tests cost.
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
CHROMIUM_FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


# The same examples each time, and no clock: whoever changes nothing sees no other result.
# `--hypothesis-profile=default` looks further.
hypothesis.settings.register_profile(
    "same", derandomize=True, deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("same")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database", choices=["sqlite", "postgresql"], default="", help="where the tests keep their rows")


def pytest_configure(config: pytest.Config) -> None:
    """Choose the database before anything connects: TEST_DATABASE_URL, or one of our own; SQLite unless asked."""
    global _stop_postgres, _folder
    wanted = config.getoption("--database") or ("postgresql" if os.environ.get("TEST_DATABASE_URL") else "sqlite")
    # Workers of a parallel run find the folder and the server that the first process made.
    if not hasattr(config, "workerinput"):
        _folder = Path(tempfile.mkdtemp(prefix="cairn-test-"))
        os.environ["CAIRN_TEST_FOLDER"] = str(_folder)
        if wanted == "postgresql" and not os.environ.get("TEST_DATABASE_URL"):
            try:
                os.environ["TEST_DATABASE_URL"], _stop_postgres = postgres.start()
            except postgres.NoPostgres as reason:
                pytest.exit(f"No PostgreSQL for the tests: {reason}.", returncode=4)
    folder = Path(os.environ["CAIRN_TEST_FOLDER"])
    if wanted == "postgresql":
        database = env.database(os.environ["TEST_DATABASE_URL"], sqlite_file=folder / "unused")
    else:
        database = env.sqlite(folder / "site.sqlite3")
        # A file, as in real life: a database in memory locks in another way, and threads could not share it.
        database["TEST"] = {"NAME": str(folder / "test.sqlite3")}
    settings.DATABASES = {"default": database}
    with contextlib.suppress(AttributeError):
        del connections["default"]
    connections.settings = connections.configure_settings(settings.DATABASES)
    settings.DATA_DIR = folder
    # Directions and plurals are tested in languages that an installation may switch on.
    settings.LANGUAGES = [("en", "English"), ("de", "German"), ("es", "Spanish"), ("ar", "Arabic")]
    settings.MEDIA_ROOT = folder / "files"
    # WhiteNoise warns of a folder that is not there.
    settings.STATIC_ROOT = folder / "static"
    settings.STATIC_ROOT.mkdir(exist_ok=True)
    settings.CELERY_BROKER_URL = settings.REDIS_URL = ""
    # No test asks the network; those of foreign sites lead their names to a server of their own.
    settings.FETCH = False
    settings.CACHES = env.cache("")
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.STORAGES = settings.STORAGES | {
        # Tests need no hashed names, and must not wait for collectstatic.
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }
    connection_created.connect(_forgo_durability)
    # The browser's driver keeps an event loop in the test's thread, and Django would refuse the database there.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"


def _forgo_durability(sender: object, connection: object, **kwargs: object) -> None:
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA synchronous=OFF")


SLOW = (
    "tests/portal/test_supervision",
    "tests/e2e/",
    "tests/pathways/test_load_demonstration",
    "tests/portal/test_styleg",
)


# Files in which nothing keeps a row.
PURE = ("tests/pathways/rules", "tests/rules_corpus", "tests/credentials/standards")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """On PostgreSQL spare the reading of what would say the same as beside SQLite.

    So with what a page says (`test_views_…`): every page is asked there, too, by who may and who may not see it, and
    every form is thrown bad input, in `tests/e2e`; and the acts behind the forms are tested by their own names.
    """
    if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        return None
    inside = collection_path.relative_to(config.rootpath).as_posix()
    return True if inside.startswith(PURE) or collection_path.name.startswith("test_views_") else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL run what keeps rows and asks what it keeps; the rest would say the same as beside SQLite.

    Each worker of a parallel run is given its share of what takes long, and begins with it, so that no core waits for
    another at the end.
    """
    if not settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        keeping = {"db", "transactional_db", "live_server", "django_db_setup"}
        kept = [
            item
            for item in items
            if (item.get_closest_marker("django_db") or keeping & set(getattr(item, "fixturenames", ())))
            and not item.get_closest_marker("one_database")
        ]
        config.hook.pytest_deselected(items=[item for item in items if item not in set(kept)])
        items[:] = kept
    slow = [item for name in SLOW for item in items if item.nodeid.startswith(name)]
    quick = [item for item in items if not item.nodeid.startswith(SLOW)]
    workers = int(getattr(config, "workerinput", {}).get("workercount", 1))
    share = -(-len(quick) // workers)
    items[:] = [
        item
        for number in range(workers)
        for item in (*slow[number::workers], *quick[number * share : (number + 1) * share])
    ]


def pytest_collection_finish(session: pytest.Session) -> None:
    """What is loaded by now stays to the end, so nobody need look through all of it for garbage again and again."""
    gc.collect()
    gc.freeze()


def pytest_unconfigure(config: pytest.Config) -> None:
    if _stop_postgres:
        connections.close_all()
        _stop_postgres()
    if _folder:
        shutil.rmtree(_folder, ignore_errors=True)


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium; the test is skipped, and named in the summary, when there is none."""
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    macos = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
    if not found and macos.exists():
        found = str(macos)
    if not found:
        pytest.skip("no Chromium")
    return found


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[object]:
    """A Chromium driven by Playwright, one for the session; open a context for each person."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_FLAGS)
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def valkey_server() -> Iterator[str]:
    """The address of a Valkey of the session's own, on a socket; started as `manage.py up` starts it."""
    from portal.shared.supervision import broker

    folder = Path(tempfile.mkdtemp(prefix="cairn-vk-"))
    choice = broker.choose(redis_url="", folder=folder)
    if choice.command is None:
        pytest.skip("no Valkey")
    server = subprocess.Popen(choice.command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 10
    while not broker.answers(choice.url) and time.monotonic() < deadline:
        time.sleep(0.05)
    yield choice.url
    server.terminate()
    server.wait()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(autouse=True)
def _no_rules_of_another_test() -> None:
    """What is kept in memory between requests must not outlive the database of a test."""
    from pathways import rulebook

    rulebook.forget()


@pytest.fixture(autouse=True)
def _time_to_check(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests share their cores with others; those of the limits themselves set them."""
    from credentials.verification import limits

    monkeypatch.setattr(limits, "SECONDS", 20.0)


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, settings: object) -> Iterator[Path]:
    """Keys, files and the log's last head live outside the database, so each test has its own of them too."""
    from credentials.keys import key_files

    settings.DATA_DIR = tmp_path
    settings.MEDIA_ROOT = tmp_path / "files"
    key_files.forget()
    yield tmp_path
    key_files.forget()


@pytest.fixture
def worker(transactional_db: None) -> Iterator[None]:
    """A worker beside a live site: does what is promised, as soon as it is committed."""
    from portal.shared import outbox

    over = threading.Event()

    def work() -> None:
        try:
            while not over.wait(0.1):
                with contextlib.suppress(OperationalError):
                    outbox.run_due()
        finally:
            connections.close_all()

    thread = threading.Thread(target=work)
    thread.start()
    yield
    over.set()
    thread.join()
