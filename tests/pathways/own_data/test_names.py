"""A name on a credential: its holder asks, a registrar corrects or declines, and the old link leads on."""

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from credentials import issuance, revocation, sharing
from credentials.models import Award, Credential
from pathways import standing
from pathways.models import NameRequest
from pathways.own_data import names
from portal.shared import outbox
from portal.shared.models import AuditEntry
from tests.cast import make_lena, make_noor, make_rhea
from tests.credentials.walked import finished
from tests.factories import NOON, credential_of, issue_to, make_achievement, make_issuer
from tests.pathways.own_data.test_views_own_data import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
SAID = {"wanted": "Lena Ōno", "why": "changed", "note": "A deed."}


@pytest.fixture
def award() -> Award:
    """Lena's, awarded by Rhea's house."""
    return issue_to(make_lena(), make_achievement(issuer=make_issuer(registrar=make_rhea()), name="Tables"))


def asked(award: Award) -> NameRequest:
    return names.ask(award=award, by=make_lena(), at=NOON, **SAID)


def test_a_name_is_asked_for_and_corrected(award: Award) -> None:
    sharing.share(credential=finished(award), by=make_lena(), at=NOON)
    former = credential_of(award)
    request = asked(award)
    assert (request.former, request.state) == (make_lena().name, "asked")
    names.correct(award=award, recipient_name="Lena Ōno", note="A deed.", by=make_rhea(), at=NOON)
    request.refresh_from_db()
    assert (request.state, request.decided_by) == ("corrected", make_rhea())
    anew = credential_of(award)
    assert (anew.recipient_name, anew.shared_at) == ("Lena Ōno", NOON)
    former.refresh_from_db()
    assert former.superseded_by == anew
    # What was decided is over: another one may be asked for.
    assert names.ask(award=award, wanted="L. Ōno", why="other", note="", by=make_lena(), at=NOON).state == "asked"


def test_a_name_is_declined_with_words_and_its_holder_is_told(award: Award) -> None:
    request = asked(award)
    with pytest.raises(names.NoAnswer):
        names.decline(request=request, answer=" ", by=make_rhea(), at=NOON)
    names.decline(request=request, answer="The deed does not say so.", by=make_rhea(), at=NOON)
    outbox.run_due(["mail"])
    [message] = [each for each in mail.outbox if "stays" in each.subject]
    assert (message.to, "The deed does not say so." in message.body) == (["lena@example.org"], True)
    for act in (names.take_back, names.decline):
        more = {"by": make_lena()} if act is names.take_back else {"by": make_rhea(), "answer": "No."}
        with pytest.raises(names.NotOpen):
            act(request=request, at=NOON, **more)
    assert credential_of(award).recipient_name == make_lena().name
    assert AuditEntry.objects.get(act="decline another name").concerns == make_lena()


def test_each_refusal_of_a_wish_says_why(award: Award) -> None:
    wishes = {
        names.NotYours: {"by": make_noor()},
        revocation.NothingToCorrect: {"wanted": f" {make_lena().name} "},
        issuance.NameUnfit: {"wanted": "Le\u202ena"},
    }
    for refusal, changed in wishes.items():
        with pytest.raises(refusal):
            names.ask(**{"award": award, "by": make_lena(), "at": NOON, **SAID, **changed})
    request = asked(award)
    with pytest.raises(names.AskedAlready):
        asked(award)
    with pytest.raises(names.NotYours):
        names.take_back(request=request, by=make_noor(), at=NOON)
    names.take_back(request=request, by=make_lena(), at=NOON)
    standing.revoke(award=award, reason="misconduct", public_note="", by=make_rhea(), at=NOON)
    with pytest.raises(revocation.AlreadyRevoked):
        asked(award)
    assert NameRequest.objects.get().state == "taken-back"


def test_nobody_decides_about_their_own_name() -> None:
    own = issue_to(make_rhea(), make_achievement(issuer=make_issuer(registrar=make_rhea())))
    request = names.ask(award=own, by=make_rhea(), at=NOON, **SAID)
    with pytest.raises(standing.OwnAward):
        names.correct(award=own, recipient_name="R", note="So.", by=make_rhea(), at=NOON)
    with pytest.raises(standing.OwnAward):
        names.decline(request=request, answer="So.", by=make_rhea(), at=NOON)
    page = signed_in(make_rhea()).get(f"/registry/names/{request.uuid}/").text
    assert "another registrar must decide" in page
    assert "Issue it anew" not in page


def test_the_holder_asks_sees_it_and_takes_it_back(award: Award) -> None:
    finished(award)
    address = f"/me/wallet/{credential_of(award).uuid}/"
    lena = signed_in(make_lena(), lately=False)
    assert "Ask for another name" in lena.get(address).text
    assert lena.post(f"{address}name/", {**SAID, "wanted": ""}).status_code == 422
    unfit = lena.post(f"{address}name/", {**SAID, "wanted": make_lena().name})
    assert (unfit.status_code, "already" in unfit.text) == (422, True)
    assert lena.post(f"{address}name/", SAID)["Location"] == address
    assert "You asked that it read <bdi>Lena Ōno</bdi>" in lena.get(address).text
    assert lena.post(f"{address}name/", SAID).status_code == 409
    assert "Take it back" in lena.get(f"{address}name/").text
    assert lena.post(f"{address}name/back/").status_code == 302
    assert lena.post(f"{address}name/back/", follow=True).text.count("not open any more") == 1
    again = names.ask(award=award, by=make_lena(), at=timezone.now(), **SAID)
    names.decline(request=again, answer="No deed was shown.", by=make_rhea(), at=timezone.now())
    assert "No deed was shown." in lena.get(address).text


def test_the_registrar_finds_it_in_a_queue_and_decides(award: Award, django_assert_num_queries) -> None:
    rhea = signed_in(make_rhea())
    request = asked(award)
    assert "1 holder asks for another name" in rhea.get("/registry/").text
    more = issue_to(make_noor(), award.achievement)
    names.ask(award=more, by=make_noor(), at=NOON, wanted="Noor", why="other", note="")
    # Session and reader, the registrar's houses (asked twice), how many, the page, and what the navigation shows.
    with django_assert_num_queries(10):
        page = rhea.get("/registry/names/").text
    assert "Lena Ōno" in page
    address = f"/registry/names/{request.uuid}/"
    page = rhea.get(address)
    assert page.context["name_form"]["recipient_name"].value() == "Lena Ōno"
    assert "is not shared" in page.text
    assert rhea.post(f"{address}correct/", {"recipient_name": "Lena Ōno", "note": ""}).status_code == 422
    assert rhea.post(f"{address}other/", {"answer": "x"}).status_code == 404
    done = rhea.post(f"{address}correct/", {"recipient_name": "Lena Ōno", "note": "A deed."}, follow=True)
    assert "issued anew" in done.text
    again = rhea.post(f"{address}correct/", {"recipient_name": "Lena II", "note": "A deed."})
    assert (again.status_code, "not open any more" in again.text) == (409, True)
    assert credential_of(award).recipient_name == "Lena Ōno"
    assert Credential.objects.filter(award=award).count() == 2
    assert "Corrected" in rhea.get("/registry/names/?show=decided").text
    assert rhea.post(f"/registry/names/{more.name_requests.get().uuid}/decline/", {"answer": "No."}).status_code == 302


def test_correcting_it_at_the_award_closes_what_was_asked(award: Award) -> None:
    request = asked(award)
    said = {"recipient_name": "Lena Ō.", "note": "A deed."}
    assert signed_in(make_rhea()).post(f"/registry/awards/{award.uuid}/name/", said).status_code == 302
    request.refresh_from_db()
    assert request.state == "corrected"


def test_strangers_find_nothing(award: Award) -> None:
    request = asked(award)
    own, desk = f"/me/wallet/{credential_of(award).uuid}/name/", f"/registry/names/{request.uuid}/"
    elsewhere = signed_in(make_noor())
    make_issuer(registrar=make_noor())
    for address in (own, desk):
        assert elsewhere.get(address).status_code == 404
        assert Client().get(address).status_code == 302
    for address, said in ((own, SAID), (f"{own}back/", {}), (f"{desk}decline/", {"answer": "x"})):
        assert elsewhere.post(address, said).status_code == 404
    assert "Tables" not in elsewhere.get("/registry/names/").text
    assert signed_in(make_lena()).get("/registry/names/").status_code == 404
    request.refresh_from_db()
    assert request.state == "asked"
