import re
import time

import pytest

from credentials.standards import rdf_canon

from .vectors import read, text

MANIFEST = read("w3c-rdf-canon/manifest.jsonld")["entries"]
EVALUATED = [entry for entry in MANIFEST if entry["type"] == "rdfc:RDFC10EvalTest"]
POISON = [entry for entry in MANIFEST if entry["type"] == "rdfc:RDFC10NegativeEvalTest"]

_TERM = re.compile(
    r"""\s*(?:
        <(?P<iri>[^>]*)>
      | (?P<blank>_:[^\s.]+(?:\.[^\s.]+)*)
      | "(?P<literal>(?:[^"\\]|\\.)*)"(?:\^\^<(?P<datatype>[^>]*)>|@(?P<language>[A-Za-z0-9-]+))?
    )""",
    re.VERBOSE,
)
_UNESCAPED = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f", '"': '"', "'": "'", "\\": "\\"}


def _unescape(value):
    def character(found):
        name = found.group(1)
        return _UNESCAPED.get(name) or chr(int(name[1:], 16))

    return re.sub(r"\\(u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|.)", character, value)


def _term(found):
    if found["iri"] is not None:
        return rdf_canon.iri(_unescape(found["iri"]))
    if found["blank"] is not None:
        return found["blank"]
    value = _unescape(found["literal"])
    if found["datatype"]:
        return rdf_canon.literal(value, _unescape(found["datatype"]))
    return rdf_canon.literal(value, language=found["language"])


def parse_n_quads(content):
    for line in content.split("\n"):
        if line.strip() and not line.strip().startswith("#"):
            terms = [_term(found) for found in _TERM.finditer(line)]
            yield (*terms, "") if len(terms) == 3 else tuple(terms)


def _name(entry):
    return entry["id"]


@pytest.mark.parametrize("entry", EVALUATED, ids=_name)
def test_w3c_vector(entry):
    quads = parse_n_quads(text(f"w3c-rdf-canon/{entry['action']}"))

    digest = entry.get("hashAlgorithm", "SHA256").lower()
    assert rdf_canon.canonical_n_quads(quads, digest=digest) == text(f"w3c-rdf-canon/{entry['result']}")


def test_the_hash_decides_how_nameless_parts_are_named():
    canonical = text("w3c-vc-di-ecdsa/employ-canonDocECDSAP384.txt")
    quads = list(parse_n_quads(canonical))

    assert rdf_canon.canonical_n_quads(quads, digest=rdf_canon.SHA384) == canonical
    assert rdf_canon.canonical_n_quads(quads) != canonical


@pytest.mark.parametrize("entry", POISON, ids=_name)
def test_a_poison_graph_is_refused_in_bounded_time(entry):
    quads = list(parse_n_quads(text(f"w3c-rdf-canon/{entry['action']}")))
    started = time.process_time()

    with pytest.raises(rdf_canon.TooTangled):
        rdf_canon.canonical_n_quads(quads)

    assert time.process_time() - started < 5


def test_a_wide_poison_graph_is_refused_in_bounded_time():
    # Two hubs with very many like neighbours: the number of their orders is a factorial.
    quads = [(hub, "<urn:p>", f"{hub}n{number}", "") for number in range(600) for hub in ("_:a", "_:b")]
    started = time.process_time()

    with pytest.raises(rdf_canon.TooTangled):
        rdf_canon.canonical_n_quads(quads)

    assert time.process_time() - started < 5
