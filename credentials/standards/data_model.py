"""The W3C Verifiable Credentials Data Model 2.0 (and 1.1, on reading): what a well-formed document must look like.

Nothing is signed, resolved or fetched here. Whether each term has a meaning is for `linked_data` to say, and whether a
proof holds for `data_integrity` and `vc_jose`.
"""

import base64
import hashlib
import re
from collections.abc import Iterator, Mapping
from typing import Any

from . import contexts, multikey
from .data_integrity import parse_date_time_stamp
from .problems import Problem

Json = dict[str, Any]

V1, V2 = contexts.CREDENTIALS_V1, contexts.CREDENTIALS_V2
ENVELOPED_CREDENTIAL = "EnvelopedVerifiableCredential"
ENVELOPED_PRESENTATION = "EnvelopedVerifiablePresentation"

# RFC 3986, section 3: a scheme, and something after it that holds no character which would end an address.
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>\"{}|^`\\]+\Z")
# Of version 1.1: the zone of an xsd:dateTime is optional, and then it is UTC.
_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?\Z", re.ASCII)
_SRI = re.compile(r"(sha256|sha384|sha512)-([A-Za-z0-9+/]+={0,2})\Z")
_DIGEST_SIZES = {"sha256": 32, "sha384": 48, "sha512": 64}
# How the digest of each begins as a multihash: the number of the algorithm, and the length.
_MULTIHASHES = {b"\x12\x20": "sha256", b"\x20\x30": "sha384", b"\x13\x40": "sha512"}

# Section 4.5: each of these is an object, or several, and says of which type it is.
_TYPED = ("credentialStatus", "credentialSchema", "refreshService", "termsOfUse", "evidence")
_VALUE_OBJECT = {"@value", "@language", "@direction"}


def is_url(value: object) -> bool:
    """Whether this is one full address, of any scheme."""
    return isinstance(value, str) and _URL.match(value) is not None


def types_of(document: Mapping[str, Any]) -> list[str]:
    """The types that a document names, as a list; what is no text is left out."""
    given = document.get("type")
    return [each for each in (given if isinstance(given, list) else [given]) if isinstance(each, str)]


def id_of(value: object) -> str:
    """The address of an issuer or holder, which may stand alone or in an object; empty where there is none."""
    found = value.get("id") if isinstance(value, dict) else value
    return found if isinstance(found, str) else ""


def version_of(document: Mapping[str, Any]) -> str:
    """`2.0` or `1.1` by the first context; empty for anything else."""
    given = document.get("@context")
    first = given[0] if isinstance(given, list) and given else None
    return "2.0" if first == V2 else "1.1" if first == V1 else ""


def credential_problems(document: object) -> list[Problem]:
    """What a verifier would mind in the form of a credential, signed or not; empty if nothing."""
    if not isinstance(document, dict):
        return [Problem("$", "The credential is not a JSON object.")]
    return [
        *_frame_problems(document, "VerifiableCredential"),
        *_issuer_problems(document),
        *_subject_problems(document),
        *_time_problems(document),
        *_typed_problems(document),
        *_text_problems(document, "$"),
        *_resource_problems(document),
    ]


def presentation_problems(document: object) -> list[Problem]:
    """What a verifier would mind in the form of a presentation; of its credentials only that they are objects."""
    if not isinstance(document, dict):
        return [Problem("$", "The presentation is not a JSON object.")]
    problems = list(_frame_problems(document, "VerifiablePresentation"))
    holder = document.get("holder")
    if "holder" in document and not is_url(id_of(holder)):
        problems.append(Problem("$.holder", "The holder must be an address, or an object with one as its id."))
    problems += _text_problems(holder, "$.holder") if isinstance(holder, dict) else []
    if "verifiableCredential" in document and not credentials_in(document):
        problems.append(Problem("$.verifiableCredential", "There must be one or more credentials, each an object."))
    problems += _terms_of_use_problems(document)
    return problems


def credentials_in(presentation: Mapping[str, Any]) -> list[Json]:
    """The credentials that a presentation holds; none where one of them is not an object."""
    given = presentation.get("verifiableCredential")
    held = given if isinstance(given, list) else [given]
    found = [each for each in held if isinstance(each, dict)]
    return found if len(found) == len(held) else []


def envelope_problems(document: object, type_: str) -> list[Problem]:
    """What is wrong with an enveloped credential or presentation (section 4.13) before it is opened."""
    if not isinstance(document, dict):
        return [Problem("$", "The envelope is not a JSON object.")]
    problems = []
    given = document.get("@context")
    if V2 not in (given if isinstance(given, list) else [given]):
        problems.append(Problem("$.@context", "The envelope must name the context of credentials."))
    if types_of(document) != [type_]:
        problems.append(Problem("$.type", f"The envelope must be of the type {type_}, and of no other."))
    if not isinstance(document.get("id"), str) or not document["id"].startswith("data:") or "," not in document["id"]:
        problems.append(Problem("$.id", "The envelope's id must be a data: URL."))
    return problems


def _frame_problems(document: Json, type_: str) -> Iterator[Problem]:
    given = document.get("@context")
    if not isinstance(given, list) or not given or given[0] not in (V1, V2):
        yield Problem("$.@context", "The contexts must be a list that begins with the one of credentials.")
    elif any(not (isinstance(each, dict) or is_url(each)) for each in given):
        yield Problem("$.@context", "Each context must be an address or an object.")
    elif V1 in given and V2 in given:
        yield Problem("$.@context", "The contexts of both versions of the data model cannot stand together.")
    types = document.get("type")
    listed = types if isinstance(types, list) else [types]
    if not listed or not all(isinstance(each, str) and each for each in listed):
        yield Problem("$.type", "The types must be one or more texts.")
    elif type_ not in listed:
        yield Problem("$.type", f"The type {type_} is missing.")
    if "id" in document and not is_url(document["id"]):
        yield Problem("$.id", "The id must be one full address.")
    yield from _proof_problems(document)


def _proof_problems(document: Json) -> Iterator[Problem]:
    if "proof" not in document:
        return
    proofs = document["proof"] if isinstance(document["proof"], list) else [document["proof"]]
    if not proofs or not all(isinstance(proof, dict) for proof in proofs):
        yield Problem("$.proof", "A proof must be an object, or a list of objects.")
        return
    for place, proof in enumerate(proofs):
        if not types_of(proof):
            yield Problem(f"$.proof[{place}].type", "The proof names no type.")


def _issuer_problems(document: Json) -> Iterator[Problem]:
    issuer = document.get("issuer")
    if not is_url(id_of(issuer)):
        yield Problem("$.issuer", "The issuer must be an address, or an object with one as its id.")
    if isinstance(issuer, dict):
        yield from _text_problems(issuer, "$.issuer")


def _subject_problems(document: Json) -> Iterator[Problem]:
    subjects = document.get("credentialSubject")
    listed = subjects if isinstance(subjects, list) else [subjects]
    if not listed or not all(isinstance(each, dict) and each for each in listed):
        yield Problem("$.credentialSubject", "Each subject must be an object that says something.")
        return
    for place, subject in enumerate(listed):
        if "id" in subject and not is_url(subject["id"]):
            yield Problem(f"$.credentialSubject[{place}].id", "The id must be one full address.")


def _time_problems(document: Json) -> Iterator[Problem]:
    first, last = ("issuanceDate", "expirationDate") if version_of(document) == "1.1" else ("validFrom", "validUntil")
    moments = {}
    for name in (first, last):
        if name in document:
            try:
                moments[name] = moment_of(document, name)
            except ValueError:
                yield Problem(f"$.{name}", "This is not a date and time with a zone.")
    if len(moments) == 2 and moments[last] < moments[first]:
        yield Problem(f"$.{last}", "The end lies before the beginning.")
    if first == "issuanceDate" and first not in document:
        yield Problem("$.issuanceDate", "Version 1.1 demands the date of issue.")


def moment_of(document: Mapping[str, Any], name: str) -> Any:
    """One of a credential's own times. Raises ValueError; without a zone, in version 1.1 only, it is read as UTC."""
    value = document[name]
    if version_of(document) == "1.1" and isinstance(value, str) and _DATE_TIME.match(value):
        value += "Z"
    return parse_date_time_stamp(value)


def _typed_problems(document: Json) -> Iterator[Problem]:
    for name in _TYPED:
        if name not in document:
            continue
        given = document[name]
        listed = given if isinstance(given, list) else [given]
        if not listed or not all(isinstance(each, dict) for each in listed):
            yield Problem(f"$.{name}", "This must be an object, or a list of objects.")
            continue
        for place, each in enumerate(listed):
            path = f"$.{name}[{place}]"
            if not types_of(each) or len(types_of(each)) != len(_listed(each["type"])):
                yield Problem(f"{path}.type", "This must say of which type it is.")
            if "id" in each and not is_url(each["id"]):
                yield Problem(f"{path}.id", "The id must be one full address.")
            if name == "credentialSchema" and "id" not in each:
                yield Problem(f"{path}.id", "A schema must be named by its address.")


def _terms_of_use_problems(document: Json) -> list[Problem]:
    return list(_typed_problems({"termsOfUse": document["termsOfUse"]})) if "termsOfUse" in document else []


def _text_problems(document: Json, path: str) -> list[Problem]:
    """Section 4.6: a name or description is a text, a text with its language and direction, or several of them."""
    return [
        Problem(f"{path}.{name}", "This must be a text, or texts with their language and direction.")
        for name in ("name", "description")
        if name in document and not all(_is_text(each) for each in _listed(document[name]))
    ]


def _is_text(value: object) -> bool:
    if isinstance(value, dict):
        return (
            set(value) <= _VALUE_OBJECT
            and all(isinstance(each, str) for each in value.values())
            and "@value" in value
            and value.get("@direction", "ltr") in ("ltr", "rtl")
        )
    return isinstance(value, str)


def _listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _resource_problems(document: Json) -> Iterator[Problem]:
    """Section 5.3: each related resource is named once, with a digest, which must fit where we have the resource."""
    if "relatedResource" not in document:
        return
    listed = _listed(document["relatedResource"])
    if not listed or not all(isinstance(each, dict) for each in listed):
        yield Problem("$.relatedResource", "Each related resource must be an object.")
        return
    ids: set[str] = set()
    for place, resource in enumerate(listed):
        path, id_ = f"$.relatedResource[{place}]", resource.get("id")
        if not isinstance(id_, str) or not is_url(id_):
            yield Problem(f"{path}.id", "A related resource must be named by its address.")
            continue
        if id_ in ids or id_ == document.get("id"):
            yield Problem(f"{path}.id", "A related resource is named once, and is not the credential itself.")
        ids.add(id_)
        if not {"digestSRI", "digestMultibase"} & set(resource):
            yield Problem(path, "A related resource must come with its digest.")
        for name, check in (("digestSRI", _fits_sri), ("digestMultibase", _fits_multibase)):
            for digest in _listed(resource[name]) if name in resource else []:
                if not isinstance(digest, str) or not check(digest, contexts.file_of(id_)):
                    yield Problem(f"{path}.{name}", "The digest is malformed, or is not that of the resource.")


def _fits_sri(digest: str, content: bytes | None) -> bool:
    found = _SRI.match(digest)
    # A published example is one character too long: only the length of another algorithm's digest is told from that.
    if found is None or len(found[2].rstrip("=")) * 3 // 4 in set(_DIGEST_SIZES.values()) - {_DIGEST_SIZES[found[1]]}:
        return False
    return content is None or base64.b64encode(hashlib.new(found[1], content).digest()).decode("ascii") == found[2]


def _fits_multibase(digest: str, content: bytes | None) -> bool:
    try:
        given = multikey.decode_multibase(digest)
    except multikey.BadMultibase:
        return False
    # A multihash, or, as in the examples of the Recommendation, the digest of SHA-256 alone.
    is_plain = len(given) == _DIGEST_SIZES["sha256"]
    name, plain = ("sha256", given) if is_plain else (_MULTIHASHES.get(given[:2]), given[2:])
    if name is None or len(plain) != _DIGEST_SIZES[name]:
        return False
    return content is None or plain == hashlib.new(name, content).digest()
