"""Times pages: `python -m tests.benchmarks.web` prints what answers cost beside a page that says hello (P9).

All go through the same WSGI application with all its middleware, in one process and on one database. The stored
document is held against the hello page; pages that people look at are held against themselves with nothing remembered
of earlier requests, neither a signature that was checked nor the shape of a document nor the page itself: plain models
and templates, as Django has them. Both say the same HTML. Beside it stands what a page costs that is made anew in a
process that remembers: it is what whoever changed something, or comes first, waits for.
"""

import argparse
import functools
import gc
import os
import re
import statistics
import sys
import types
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from tests.benchmarks.batch import begin, own_site, work
from tests.benchmarks.figures import milliseconds, spread

Get = Callable[[str, str], bytes]
# What a page says anew each time.
_NEVER_ALIKE = re.compile(
    rb'name="csrfmiddlewaretoken" value="\w+"|X-CSRFToken[^}]*|<time datetime="[^>]*>[^<]*|Judged on [^<]* by the rule'
)


def application(site: types.ModuleType) -> Get:
    """Asks the whole site for an address, as a server would; with a page more, that only says hello."""
    from django.conf import settings
    from django.core.handlers.wsgi import WSGIHandler
    from django.core.management import call_command
    from django.http import HttpResponse
    from django.test import RequestFactory
    from django.urls import path

    call_command("collectstatic", interactive=False, verbosity=0)
    with_hello: Any = types.ModuleType("site_with_hello")
    vars(with_hello).update(vars(site))
    with_hello.urlpatterns = [path("hello/", lambda _request: HttpResponse("hello")), *vars(site)["urlpatterns"]]
    sys.modules["site_with_hello"] = with_hello
    settings.ROOT_URLCONF, settings.ROLE, settings.ALLOWED_HOSTS = "site_with_hello", "web", ["*"]
    serve, requests = WSGIHandler(), RequestFactory()

    def get(address: str, cookie: str) -> bytes:
        status: list[str] = []
        asked = requests.get(address, headers={"cookie": cookie}).environ
        answer: Any = serve(asked, lambda line, *_more: status.append(line))  # type: ignore[arg-type]
        content = b"".join(answer)
        answer.close()
        if not status[0].startswith("200"):
            raise SystemExit(f"{address} answers {status[0]}.")
        return content

    return get


def forget() -> None:
    """Empty whatever the site's own functions remember of earlier requests; templates stay compiled, as anywhere."""
    for each in gc.get_objects():
        # By type: to ask some objects for their class would wake them.
        if type(each) is functools._lru_cache_wrapper:
            module = getattr(each, "__module__", "") or ""
            # What a context or a schema says is part of the program, whoever keeps it; so is the program's own hash.
            is_program = ".standards." in module or module == "portal.shared.kept_pages"
            if module.split(".")[0] in ("credentials", "pathways", "portal") and not is_program:
                each.cache_clear()
    from credentials.standards.linked_data import canonical

    canonical._shapes.clear()
    canonical._forms.clear()
    forget_pages()


def forget_pages() -> None:
    """Have each page made anew."""
    from django.core.cache import caches

    from portal.shared import kept_pages

    caches[kept_pages.CACHE].clear()


def busy_life(learner: Any) -> str:
    """Give the learner two courses with work to do, a dozen credentials, and two goals; answer the page of one."""
    from django.utils import timezone

    from credentials.models import Achievement
    from pathways import authoring, enrolment
    from pathways.models import Pathway
    from tests.cast import make_ivo
    from tests.college import holds_all, make_assignment, make_course, publish_rule
    from tests.factories import issue_to, make_achievement

    now = timezone.now()
    issuer = Achievement.objects.get(slug="analyst").issuer
    parts = [make_achievement(slug=f"part-{number}", name=f"Part {number}", issuer=issuer) for number in range(15)]
    for part in parts[:12]:
        issue_to(learner, part, at=now)
    for number in range(2):
        course = make_course(ivo=make_ivo(), slug=f"course-{number}")
        module = authoring.add_module(course=course, slug="one", title="The first week")
        for place in range(4):
            authoring.add_material(
                module=module, slug=f"text-{place}", kind="reading", title=f"Text {place}", body="Read.", minutes=9
            )
        make_assignment(course, due_at=now + timedelta(days=9))
        enrolment.enrol(learner=learner, course=course, at=now)
        target = make_achievement(slug=f"goal-{number}", kind=Achievement.Kind.CERTIFICATE, issuer=issuer)
        publish_rule(target, holds_all(*(part.slug for part in parts[number * 5 : number * 5 + 10])), at=now)
        pathway = Pathway.objects.create(
            slug=f"way-{number}", issuer=issuer, target=target, title=f"Way {number}", state=Pathway.State.OPEN
        )
        enrolment.start_pathway(learner=learner, pathway=pathway, at=now)
    return "/me/pathways/way-1/"


def queries_of(ask: Callable[[], object]) -> int:
    """How many statements an answer takes, on a connection that is open."""
    from django.db import connection

    counted = 0

    def count(execute: Any, *arguments: Any) -> Any:
        nonlocal counted
        counted += 1
        return execute(*arguments)

    with connection.execute_wrapper(count):
        ask()
    return counted


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--rounds", type=int, default=60)
    given = asked.parse_args()
    print(f"{os.cpu_count()} processors; CPU milliseconds: median (tenths 1 to 9; rounds)")
    with own_site():
        from django.test import Client
        from django.utils import timezone

        from credentials.models import Credential
        from portal import urls
        from portal.accounts.models import User

        begin(20)
        way = busy_life(User.objects.order_by("id")[1])
        work(without=("credentials.announce", "credentials.announce_late", "credentials.render_pdf"))
        Credential.objects.update(shared_at=timezone.now())
        credential = Credential.objects.select_related("award__learner").order_by("id")[0]
        client = Client()
        client.force_login(credential.award.learner)
        learner = "; ".join(f"{name}={cookie.value}" for name, cookie in client.cookies.items())
        get = application(urls)

        document = f"/credentials/{credential.uuid}"
        if get(document, "") != credential.document.encode():
            raise SystemExit("The document is not served byte for byte.")
        hello, stored = [], []
        for _round in range(given.rounds):
            hello.append(milliseconds(lambda _each: get("/hello/", ""), None))
            stored.append(milliseconds(lambda _each: get(document, ""), None))
        ratio = statistics.median(stored) / statistics.median(hello)
        print(
            f"hello {spread(hello)}; stored document {spread(stored)}, {queries_of(lambda: get(document, ''))} queries"
        )
        print(f"  {ratio:.1f} times hello, wanted at most 3: {'yes' if ratio <= 3 else 'NO'}")
        for what, address, cookie in (
            ("page of a credential", f"/c/{credential.code}/", ""),
            ("page to verify", "/verify/", ""),
            ("a learner's home", "/me/", learner),
            ("a learner's wallet", "/me/wallet/", learner),
            ("how far a learner is on a pathway", way, learner),
        ):
            hot_page(get, what, address, cookie, given.rounds)


def hot_page(get: Get, what: str, address: str, cookie: str, rounds: int) -> None:
    plain, anew, hot = [], [], []
    for _round in range(max(5, rounds // 6)):
        forget()
        plain.append(milliseconds(lambda _each: get(address, cookie), None))
    for _round in range(max(5, rounds // 6)):
        forget_pages()
        anew.append(milliseconds(lambda _each: get(address, cookie), None))
    cold = _NEVER_ALIKE.sub(b"", get(address, cookie))
    for _round in range(rounds):
        hot.append(milliseconds(lambda _each: get(address, cookie), None))
    if _NEVER_ALIKE.sub(b"", get(address, cookie)) != cold:
        raise SystemExit(f"{address} says another thing the second time.")
    ratio = statistics.median(plain) / statistics.median(hot)
    count = queries_of(lambda: get(address, cookie))
    print(
        f"{what}: with nothing remembered {spread(plain)}, made anew {spread(anew)}, hot {spread(hot)}, {count} queries"
    )
    print(f"  {ratio:.1f} times cheaper, wanted 5: {'yes' if ratio >= 5 else 'NO'}")


if __name__ == "__main__":
    main()
