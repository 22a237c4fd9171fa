"""Times the drill for a key that is given up: `python -m tests.benchmarks.reissue [COUNT]` (reliability K3).

So many learners hold a credential of one issuer. Its key is given up; then all is done that has to be before anybody
can check a credential well again: issued anew, signed by the next key, and in the log. Files and messages follow and
are not timed. CPU seconds of this one process are printed, and what 100,000 would take.
"""

import sys
import time

from tests.benchmarks import batch

ASKED = 100_000
FILES = ("credentials.render_pdf", "credentials.render_png", "credentials.announce", "credentials.sign_tokens")


def main(count: int) -> None:
    with batch.own_site():
        from django.utils import timezone

        from credentials import reissuing
        from credentials.keys import keyring
        from credentials.models import Credential, SigningKey
        from portal.accounts.models import User

        batch.begin(count)
        batch.work(without=FILES)
        key = SigningKey.objects.get(purpose=SigningKey.Purpose.CREDENTIALS, state=SigningKey.State.ACTIVE)
        registrar = User.objects.exclude(email__startswith="learner").first()
        assert registrar is not None
        start, began = time.process_time(), time.perf_counter()
        keyring.mark_compromised(key=key, by=registrar, at=timezone.now(), reason="A drill.")
        given_up = time.perf_counter() - began
        spent, queueing, _counts = batch.work(without=FILES)
        cpu, wall = time.process_time() - start, time.perf_counter() - began
        good = Credential.objects.filter(state=Credential.State.LOGGED, superseded_by__isnull=True).exclude(key=key)
        if good.count() != count or reissuing.signed_by(key).exists():
            raise SystemExit(f"Only {good.count()} of {count} are good again.")
        print(f"the key is out of the DID document after {given_up * 1000:.0f} ms")
        print(f"{count:,} credentials good again: {cpu:.1f} CPU s, {wall:.1f} s")
        for kind, seconds in sorted(spent.items(), key=lambda each: -each[1]):
            print(f"  {kind:34} {seconds / count * 1000:6.2f} ms each")
        print(f"  {'claiming and ending jobs':34} {sum(queueing.values()) / count * 1000:6.2f} ms each")
        print(f"{ASKED:,} would take {cpu * ASKED / count / 60:.1f} minutes of one core; asked: 15")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2_000)
