"""Which offers, and which achievements on the way, can do anything for which rule."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date

from pathways.rules.eligible import in_pool, why_not
from pathways.rules.plan.cover import bits, things_in
from pathways.rules.plan.offering import Offer, Offering
from pathways.rules.plan.relaxed import relaxed
from pathways.rules.record import Holding, Record
from pathways.rules.requirement import Duration, Given, Leaf, Rule, walk

Fits = Callable[[Holding], bool]


class Reach:
    """What is on offer on a day, before targets and a record.

    `rules` are the targets, and every achievement on the way to them that a rule gives, relaxed.
    """

    def __init__(self, targets: Mapping[str, Rule], record: Record, offer: Offer, on: date) -> None:
        self.on = on
        self.record = record
        self.offerings: Sequence[Offering] = offer.offerings
        awards = [each for each in record.holdings if each.kind != "grade"]
        self.held = frozenset(
            each.key for each in awards if each.status == "active" and (each.until is None or each.until >= on)
        )
        # What was awarded once is awarded again for something new alone, which no rule of its own can tell.
        once = {
            each.key for each in awards if each.status in ("active", "expired", "suspended", "revoked", "superseded")
        }
        self.stacks = {slug: each for slug, each in offer.stacks.items() if slug not in once}
        self.targets = tuple(targets)
        self.written = dict(targets)
        self.rules = {name: relaxed(rule, record, on) for name, rule in targets.items()}
        self.gains = [tuple(gain.earned(on) for gain in each.gains) for each in self.offerings]
        self.gained = {slug: each.gain.earned(on) for slug, each in self.stacks.items()}
        self._looked_at: dict[str, tuple[int, frozenset[str]]] = {}
        self.touches = self._touches()

    def _touches(self) -> dict[str, int]:
        """For each rule on the way, the offers that can do anything for it, directly or through other achievements."""
        found: dict[str, int] = {}
        through: dict[str, set[str]] = {}
        waiting = list(self.targets)
        while waiting:
            name = waiting.pop()
            if name not in found:
                found[name], through[name] = self._touched(name)
                waiting += sorted(through[name] - found.keys())
        grown = True
        while grown:
            before = dict(found)
            for name, slugs in through.items():
                for slug in slugs:
                    found[name] |= found[slug]
            grown = found != before
        return found

    def _touched(self, name: str) -> tuple[int, set[str]]:
        """The offers that the rule looks at, with all that must come before them, and the achievements on the way."""
        if name not in self.rules:
            self.written[name] = self.stacks[name].rule
            self.rules[name] = relaxed(self.stacks[name].rule, self.record, self.on)
        looks = self._looks(self.rules[name]) if self.is_plain(name) else lambda _each: True
        offers = bits([place for place, gains in enumerate(self.gains) if any(looks(each) for each in gains)])
        stacks = {slug for slug, each in self.gained.items() if slug != name and looks(each)}
        self._looked_at[name] = (offers, frozenset(stacks))
        while True:
            needed = {key for place in things_in(offers) for key in self.offerings[place].needs}
            more = offers
            for key in needed:
                more |= self.giving(key)
            if more == offers:
                return offers, (stacks | needed & self.stacks.keys()) - {name}
            offers = more

    def giving(self, key: str) -> int:
        found = 0
        for place, gains in enumerate(self.gains):
            if any(each.kind != "grade" and each.key == key for each in gains):
                found |= 1 << place
        return found

    def _looks(self, rule: Rule) -> Fits:
        parts = list(walk(rule.root))
        leaves = [each for each in parts if isinstance(each, Leaf)]
        pools = [each.pool for each in parts if isinstance(each, Given | Duration)]

        def looks(holding: Holding) -> bool:
            return any(why_not(holding, leaf, self.record, self.on) is None for leaf in leaves) or any(
                in_pool(holding, pool, self.record, self.on) for pool in pools
            )

        return looks

    def looks_at(self, name: str, slug: str) -> bool:
        """Whether this rule on the way looks at this achievement on the way."""
        return slug in self._looked_at[name][1]

    def leading_to(self, key: str) -> int:
        """The offers that may help to earn this achievement."""
        return self.giving(key) | self.touches.get(key, 0)

    @property
    def relevant(self) -> int:
        found = 0
        for name in self.targets:
            found |= self.touches[name]
        return found

    def is_plain(self, name: str) -> bool:
        """Whether the rule says by itself what counts, without other names, stand-ins or exceptions."""
        rule = self.rules[name]
        own = any(getattr(each, "rule", name) == name for each in self.record.rulings)
        return not (rule.same or rule.substitutes or rule.renewals or own)
