"""Writes rules and pathways in CTDL, the vocabulary of Credential Engine's registry, and reads back what it wrote.

What CTDL has words for (components, conditions, how many of them, constraints) is said in it; what it has none for is
listed, part by part, and travels in a namespace of our own, so that reading it back gives the very same rule. A reader
that knows CTDL alone reads a coarser rule and is told so. Knows the rule language, and no database.
"""

import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from pathways.rules import notation
from pathways.rules.notation import RuleError
from pathways.rules.requirement import (
    All,
    Amount,
    AnyOf,
    AtLeast,
    Check,
    Condition,
    Count,
    Group,
    Holds,
    Order,
    Passed,
    Requirement,
    Rule,
    conditions_of,
    walk,
)

Json = dict[str, Any]

CONTEXT = "https://credreg.net/ctdl/schema/context/json"
# Ours: ids of parts, and the fields of a rule that CTDL has no word for.
NAMESPACE = "urn:x-cairn:ctdl:"
CTID = "ceterms:ctid"
PART, RULE, PARTIAL = "cairn:part", "cairn:rule", "cairn:partial"
AND, OR = "logicOp:And", "logicOp:Or"
MAX_NODES = 5_000
MAX_NESTED = 40

# What CTDL calls the kinds of credentials that we have.
CREDENTIAL_TYPES = {
    "MicroCredential": "ceterms:MicroCredential",
    "Certificate": "ceterms:Certificate",
    "Diploma": "ceterms:Diploma",
    "Degree": "ceterms:Degree",
}

REASONS = {
    "where": "CTDL has no condition on a single result: on its grade, level, age or origin.",
    "conditions": "CTDL has no condition over all that counted: shares, spread, averages, dates.",
    "shared": "CTDL does not say what may count twice.",
    "at_most": "CTDL has a required number, and no maximum.",
    "pool": "CTDL names components one by one, and has no query over what is held.",
    "repeats": "CTDL does not say whether the same component counts when it is earned again.",
    "sum": "CTDL has no settled term for a sum; a constraint on the credit value stands for it.",
    "unit": "CTDL has a credit value for components; for other amounts it has none.",
    "amount": "CTDL does not say how much of a component counts.",
    "check": "CTDL has no condition that takes no component: a fact, an approval, time spent, what was so earlier.",
    "rule": "CTDL does not say how long something stands once it is earned, or what it bears besides its name.",
}


class BadCtdl(Exception):
    """A document that cannot be read: where, and what was expected there."""

    def __init__(self, path: str, expected: str) -> None:
        super().__init__(f"{path}: expected {expected}")
        self.path = path
        self.expected = expected


class NotSaid(NamedTuple):
    """Something of a rule that CTDL has no words for; `node` is empty for the rule as a whole."""

    node: str
    field: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Described:
    """What is called how, under which address; `kind` is ours, `credits` as text."""

    name: str
    url: str
    kind: str = ""
    credits: str = ""


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What the document is about: a pathway, or the rule of an achievement by itself.

    `document` is where it is served; the ids in it are fragments of that. `words` puts a part into a phrase.
    """

    document: str
    ctid: str
    name: str
    description: str
    url: str
    language: str
    owner: str
    target: str
    described: Mapping[str, Described]
    words: Callable[[Requirement], str]


@dataclass(frozen=True)
class Written:
    """A document, and what it does not say in CTDL's own words."""

    document: Json
    not_said: tuple[NotSaid, ...]


def ctid_of(*names: str) -> str:
    """The same name always gives the same CTID."""
    return f"ce-{uuid.uuid5(uuid.NAMESPACE_URL, '/'.join(names))}"


# --- writing --------------------------------------------------------------------------------------------------------


def written(rule: Rule, subject: Subject) -> Written:
    """The rule as a pathway to the achievement that it awards."""
    return _Writer(rule, subject).written()


class _Writer:
    def __init__(self, rule: Rule, subject: Subject) -> None:
        self.rule = rule
        self.subject = subject
        self.not_said: list[NotSaid] = []
        self.components: dict[tuple[str, str], Json] = {}

    def written(self) -> Written:
        subject, whole = self.subject, self._id(self.subject.ctid)
        data = notation.to_json(self.rule)
        condition = self._condition(self.rule.root, data["root"])
        goal = self._component("ceterms:CredentialComponent", subject.target)
        goal["ceterms:isDestinationComponentOf"] = [whole]
        goal["ceterms:hasCondition"] = [condition]
        self._order()
        beside = {name: value for name, value in data.items() if name not in {"root", "format"}}
        if beside:
            self.not_said.append(NotSaid("", ", ".join(sorted(beside)), REASONS["rule"]))
        pathway = {
            "@id": whole,
            "@type": "ceterms:Pathway",
            CTID: subject.ctid,
            "ceterms:name": self._text(subject.name),
            "ceterms:description": self._text(subject.description or subject.name),
            "ceterms:subjectWebpage": subject.url,
            "ceterms:inLanguage": [subject.language],
            "ceterms:ownedBy": [subject.owner],
            "ceterms:hasDestinationComponent": [goal["@id"]],
            "ceasn:hasChild": [goal["@id"]],
            "ceasn:hasPart": [each["@id"] for each in self.components.values()],
            RULE: {"format": notation.FORMAT, **beside},
            PARTIAL: [{"node": each.node, "field": each.field, "reason": each.reason} for each in self.not_said],
        }
        parts = [{**each, "ceterms:isPartOf": [whole]} for each in self.components.values()]
        # As JSON: otherwise whoever expands the document would lose what CTDL has no terms for.
        context = [CONTEXT, {"cairn": NAMESPACE, **{name: {"@type": "@json"} for name in (PART, RULE, PARTIAL)}}]
        return Written({"@context": context, "@graph": [pathway, *parts]}, tuple(self.not_said))

    def _id(self, ctid: str) -> str:
        return f"{self.subject.document}#{ctid}"

    def _text(self, words: str) -> Json:
        return {self.subject.language: words}

    def _component(self, kind: str, key: str) -> Json:
        """What stands for an achievement or an assessment; one for each, however often it is asked for."""
        if (kind, key) not in self.components:
            known = self.subject.described.get(key, Described(name=key, url=""))
            ctid = ctid_of(self.subject.document, kind, key)
            component: Json = {
                "@id": self._id(ctid),
                "@type": kind,
                CTID: ctid,
                "ceterms:name": self._text(known.name),
                "ceterms:codedNotation": key,
            }
            if known.url:
                component["ceterms:proxyFor"] = known.url
            if known.kind in CREDENTIAL_TYPES:
                component["ceterms:credentialType"] = CREDENTIAL_TYPES[known.kind]
            if known.credits:
                # Among CTDL's units of credit there are no ECTS credits, so they are named in words.
                words = self._text(f"{known.credits} ECTS")
                component["ceterms:creditValue"] = [
                    {
                        "@type": "ceterms:ValueProfile",
                        "schema:value": float(known.credits),
                        "schema:description": words,
                    }
                ]
            self.components[kind, key] = component
        return self.components[kind, key]

    def _targets(self, kind: str, keys: tuple[str, ...]) -> list[str]:
        return [str(self._component(kind, key)["@id"]) for key in keys]

    def _condition(self, part: Requirement, data: Json) -> Json:
        """The part as a condition. `data` is the same part as JSON, of which what CTDL says is left out."""
        said: Json = {
            "@type": "ceterms:ComponentCondition",
            "ceterms:description": self._text(self.subject.words(part)),
        }
        left = dict(data)
        match part:
            case All() | AnyOf() | AtLeast():
                said |= self._group(part, left)
            case Holds(any_of=keys):
                left.pop("any_of")
                said |= {"ceterms:requiredNumber": 1, "ceterms:logicalOperator": OR}
                said["ceterms:targetComponent"] = self._targets("ceterms:CredentialComponent", keys)
            case Passed(assessment=key):
                left.pop("assessment")
                said |= {"ceterms:requiredNumber": 1}
                said["ceterms:targetComponent"] = self._targets("ceterms:AssessmentComponent", (key,))
            case Count(at_least=least, pool=pool):
                left.pop("at_least")
                said |= {"ceterms:requiredNumber": least} | self._pool(pool.achievements, left)
            case Amount(pool=pool):
                said |= self._constraint(part) | self._pool(pool.achievements, left)
            case _:
                self.not_said.append(NotSaid(part.id, part.__class__.__name__.lower(), REASONS["check"]))
        if not isinstance(part, Group):
            self._note(part, left)
        said[PART] = left
        return said

    def _group(self, part: Group, left: Json) -> Json:
        inner = [self._condition(each, data) for each, data in zip(part.parts, left.pop("parts"), strict=True)]
        left.pop("count", None)
        self._note(part, left)
        number = part.count if isinstance(part, AtLeast) else 1 if isinstance(part, AnyOf) else len(part.parts)
        said: Json = {"ceterms:requiredNumber": number, "ceterms:hasCondition": inner}
        if not isinstance(part, AtLeast):
            said["ceterms:logicalOperator"] = AND if isinstance(part, All) else OR
        return said

    def _pool(self, achievements: tuple[str, ...], left: Json) -> Json:
        """The components of a pool that names them; what else it asks, and all of one that does not, is not said."""
        pool = {name: value for name, value in left.get("pool", {}).items() if name != "achievements"}
        left["pool"] = pool
        if not achievements:
            return {}
        return {"ceterms:targetComponent": self._targets("ceterms:CredentialComponent", achievements)}

    def _constraint(self, part: Amount) -> Json:
        # There is no settled term for a sum; comparators are those of CTDL's ComparatorCategory.
        constraint = {
            "@type": "ceterms:Constraint",
            "ceterms:leftSource": ["ceterms:creditValue"],
            "ceterms:comparator": "compare:GTEQ",
            "ceterms:rightSource": [f"{part.at_least.normalize():f}"],
        }
        if part.unit != "credits":
            return {}
        self.not_said.append(NotSaid(part.id, "at_least", REASONS["sum"]))
        return {"ceterms:hasConstraint": [constraint]}

    def _note(self, part: Requirement, left: Json) -> None:
        """List what is left of a part once CTDL has said what it can."""
        if isinstance(part, Check):
            # Nothing of it is said, which has been noted as a whole.
            return
        for name, value in left.items():
            if name in {"id", "type", "at_least"} or (name == "conditions" and self._all_said(part)):
                continue
            if name == "pool":
                self._note_pool(part, value)
            else:
                # Whatever the language learns to say is not said in CTDL until somebody finds the words.
                self.not_said.append(NotSaid(part.id, name, REASONS.get(name, REASONS["amount"])))

    def _note_pool(self, part: Requirement, pool: Json) -> None:
        if isinstance(part, Count | Amount) and (not part.pool.achievements or pool.keys() - {"repeats"}):
            self.not_said.append(NotSaid(part.id, "pool", REASONS["pool"]))
        if pool.get("repeats"):
            self.not_said.append(NotSaid(part.id, "repeats", REASONS["repeats"]))

    def _all_said(self, part: Requirement) -> bool:
        return all(self._as_prerequisite(each, part) is not None for each in conditions_of(part))

    def _as_prerequisite(self, condition: Condition, part: Requirement) -> tuple[str, str] | None:
        """An order of one achievement before another, which CTDL can say."""
        if not isinstance(condition, Order) or condition != Order(
            id=condition.id, first=condition.first, then=condition.then
        ):
            return None
        below = {each.id: each for each in walk(part)}
        ends = [below.get(node) for nodes in (condition.first, condition.then) for node in nodes]
        keys = [each.any_of[0] for each in ends if isinstance(each, Holds) and len(each.any_of) == 1]
        return (keys[0], keys[1]) if len(keys) == len(ends) == 2 else None

    def _order(self) -> None:
        for part in walk(self.rule.root):
            for condition in conditions_of(part):
                pair = self._as_prerequisite(condition, part)
                if pair is not None:
                    before, after = (self._component("ceterms:CredentialComponent", key) for key in pair)
                    after.setdefault("ceterms:prerequisite", []).append(before["@id"])


# --- reading --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Read:
    """A rule that was read. `partial` says that it comes from CTDL alone, or that it was written as partial there."""

    rule: Rule
    target: str
    is_plain: bool = False
    partial: tuple[NotSaid, ...] = field(default=())


def read(document: Any) -> Read:
    """The rule of a pathway in CTDL: the very same, where we wrote it; else what CTDL itself says of it.

    Raises BadCtdl with the place of the first thing that cannot be read.
    """
    return _Reader(document).read()


class _Reader:
    def __init__(self, document: Any) -> None:
        if not isinstance(document, dict) or not isinstance(document.get("@graph"), list):
            raise BadCtdl("$", "an object with a list @graph")
        graph = document["@graph"]
        if len(graph) > MAX_NODES:
            raise BadCtdl("$.@graph", f"at most {MAX_NODES} resources")
        self.nodes: dict[str, Json] = {}
        for place, each in enumerate(graph):
            if not isinstance(each, dict) or not isinstance(each.get("@id"), str):
                raise BadCtdl(f"$.@graph[{place}]", "an object with an @id")
            self.nodes[each["@id"]] = each
        pathways = [each for each in self.nodes.values() if _is(each, "ceterms:Pathway")]
        if len(pathways) != 1:
            raise BadCtdl("$.@graph", "one ceterms:Pathway")
        self.pathway = pathways[0]
        self.numbers = (f"n{number}" for number in range(1, 10**6))
        self.is_plain = RULE not in self.pathway

    def read(self) -> Read:
        goals = self._listed(self.pathway, "ceterms:hasDestinationComponent", "the pathway")
        if len(goals) != 1:
            raise BadCtdl("ceterms:hasDestinationComponent", "one component")
        goal = self._resource(goals[0], "ceterms:hasDestinationComponent")
        conditions = self._listed(goal, "ceterms:hasCondition", "the destination")
        if not conditions:
            raise BadCtdl("ceterms:hasCondition", "a condition of the destination")
        parts = [self._part(each, f"ceterms:hasCondition[{place}]", 1) for place, each in enumerate(conditions)]
        root = parts[0] if len(parts) == 1 else {"type": "all", "id": next(self.numbers), "parts": parts}
        beside = self.pathway.get(RULE, {"format": notation.FORMAT})
        if not isinstance(beside, dict):
            raise BadCtdl(RULE, "an object")
        try:
            rule = notation.from_json({**beside, "root": root})
        except RuleError as error:
            raise BadCtdl(f"the rule, {error.path}", error.expected) from error
        return Read(rule, self._key(goal, "the destination"), self.is_plain, tuple(self._partial()))

    def _partial(self) -> Iterator[NotSaid]:
        for each in self._listed(self.pathway, PARTIAL, "the pathway"):
            if isinstance(each, dict):
                yield NotSaid(*(str(each.get(name, "")) for name in ("node", "field", "reason")))

    def _listed(self, node: Json, name: str, where: str) -> list[Any]:
        found = node.get(name, [])
        if isinstance(found, dict | str):
            return [found]
        if not isinstance(found, list) or len(found) > MAX_NODES:
            raise BadCtdl(f"{where}, {name}", "a list")
        return found

    def _resource(self, said: Any, where: str) -> Json:
        """A resource itself, or that of an address."""
        if isinstance(said, dict) and set(said) != {"@id"}:
            return said
        address = said.get("@id") if isinstance(said, dict) else said
        if not isinstance(address, str) or address not in self.nodes:
            raise BadCtdl(where, f"a resource of this document, and not {str(address)[:100]!r}")
        return self.nodes[address]

    def _key(self, component: Json, where: str) -> str:
        """What the component stands for, as rules name it."""
        coded = component.get("ceterms:codedNotation")
        if isinstance(coded, str) and coded:
            return coded
        proxy = component.get("ceterms:proxyFor")
        last = urlsplit(proxy).path.rstrip("/").rpartition("/")[2] if isinstance(proxy, str) else ""
        if not last:
            raise BadCtdl(where, "ceterms:codedNotation, or ceterms:proxyFor, to say what the component stands for")
        return last

    def _part(self, said: Any, where: str, depth: int) -> Json:
        condition = self._resource(said, where)
        if not _is(condition, "ceterms:ComponentCondition"):
            raise BadCtdl(where, "a ceterms:ComponentCondition")
        if depth > MAX_NESTED:
            raise BadCtdl(where, f"conditions nested at most {MAX_NESTED} deep")
        inner = [
            self._part(each, f"{where}.ceterms:hasCondition[{place}]", depth + 1)
            for place, each in enumerate(self._listed(condition, "ceterms:hasCondition", where))
        ]
        targets = [
            self._resource(each, f"{where}.ceterms:targetComponent")
            for each in self._listed(condition, "ceterms:targetComponent", where)
        ]
        if PART in condition:
            return self._ours(condition, inner, targets, where)
        if not self.is_plain:
            raise BadCtdl(where, f"{PART}, as in the rest of this document")
        return self._plain(condition, inner, targets, where)

    def _ours(self, condition: Json, inner: list[Json], targets: list[Json], where: str) -> Json:
        """What CTDL says of the part put back to what it could not say."""
        if not isinstance(condition[PART], dict):
            raise BadCtdl(f"{where}.{PART}", "an object")
        part = dict(condition[PART])
        keys = [self._key(each, where) for each in targets]
        match part.get("type"):
            case "all" | "any":
                part["parts"] = inner
            case "at_least":
                part |= {"count": self._number(condition, where), "parts": inner}
            case "holds":
                part["any_of"] = keys
            case "passed":
                part["assessment"] = keys[0] if len(keys) == 1 else keys
            case "count" | "amount":
                if part["type"] == "count":
                    part["at_least"] = self._number(condition, where)
                pool = part.get("pool", {})
                if keys and isinstance(pool, dict):
                    part["pool"] = {"achievements": keys, **pool}
        return part

    def _number(self, condition: Json, where: str) -> int:
        number = condition.get("ceterms:requiredNumber")
        if isinstance(number, bool) or not isinstance(number, int) or number < 0:
            raise BadCtdl(f"{where}.ceterms:requiredNumber", "a whole number")
        return number

    def _plain(self, condition: Json, inner: list[Json], targets: list[Json], where: str) -> Json:
        """A condition that others wrote: so many of its components and of the conditions within it."""
        if "ceterms:hasConstraint" in condition:
            raise BadCtdl(f"{where}.ceterms:hasConstraint", "no constraint: its reading is not settled")
        parts = inner + [self._plain_target(each, where) for each in targets]
        if not parts:
            raise BadCtdl(where, "components or conditions to be fulfilled")
        operator = condition.get("ceterms:logicalOperator")
        if operator not in {None, AND, OR}:
            raise BadCtdl(f"{where}.ceterms:logicalOperator", f"{AND} or {OR}")
        number = len(parts) if operator == AND else 1 if operator == OR else None
        if "ceterms:requiredNumber" in condition:
            number = self._number(condition, where)
        if number is None:
            raise BadCtdl(where, "ceterms:requiredNumber or ceterms:logicalOperator")
        if number > len(parts):
            raise BadCtdl(f"{where}.ceterms:requiredNumber", f"at most {len(parts)}, for there are no more to fulfil")
        if len(parts) == 1:
            return parts[0]
        if number == len(parts):
            return {"type": "all", "id": next(self.numbers), "parts": parts}
        if number == 1:
            return {"type": "any", "id": next(self.numbers), "parts": parts}
        return {"type": "at_least", "id": next(self.numbers), "count": number, "parts": parts}

    def _plain_target(self, component: Json, where: str) -> Json:
        key, node = self._key(component, where), next(self.numbers)
        if _is(component, "ceterms:AssessmentComponent"):
            return {"type": "passed", "id": node, "assessment": key}
        if _is(component, "ceterms:CredentialComponent"):
            return {"type": "holds", "id": node, "any_of": [key]}
        raise BadCtdl(where, "components that are credentials or assessments")


def _is(node: Json, kind: str) -> bool:
    types = node.get("@type")
    return kind in (types if isinstance(types, list) else [types])
