"""Two at once with what is good once: one of them is served."""

from functools import partial

import pytest
from django.test import Client
from django.utils import timezone
from oauth2_provider.models import get_access_token_model

from credentials.exchange import nonces, offers
from credentials.exchange.nonces import BadNonce
from tests.credentials.exchange.host import READ, Host, agree, code_in
from tests.credentials.exchange.small_wallet import Wallet
from tests.reliability.together import at_once

ROUNDS = 3


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_one_is_served(credential):
    learner = credential.award.learner
    host = Host().discover().register()
    for _round in range(ROUNDS):
        made = offers.offer(credential=credential, by=learner, at=timezone.now())
        code = Wallet().read(made.link)["pre-authorized_code"]
        redeem = partial(offers.redeem, code=code, number=made.number, at=timezone.now())
        results = at_once(redeem, redeem)
        assert sorted(type(each).__name__ for each in results) == ["Granted", "NotRedeemed"]

        use = partial(nonces.use, nonces.make(), at=timezone.now())
        assert sorted(isinstance(each, BadNonce) for each in at_once(use, use)) == [False, True]

        # Whoever comes second may have found the code before the first has used it up: it gets no token for that, and
        # since two know the code, the first one's opens nothing any more.
        code = code_in(agree(host, learner, READ))
        before = get_access_token_model().objects.count()
        hosts = [Host(host.description, host.client_id, host.secret, host.verifier, client=Client()) for _each in "ab"]
        answers = at_once(*(partial(each.redeem, code) for each in hosts))
        assert sorted(each.status_code for each in answers) == [200, 400]
        assert get_access_token_model().objects.count() == before
