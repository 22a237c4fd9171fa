import hashlib
import json

import pytest

from credentials.standards import contexts


def test_every_context_of_the_index_is_known_under_its_digest():
    index = json.loads((contexts.FOLDER / "index.json").read_bytes())

    assert set(contexts.known()) == set(index)
    # The digest that the Recommendation itself prints.
    assert index[contexts.CREDENTIALS_V2]["sha256"] == (
        "59955ced6697d61e03f2b2556febe5308ab16842846f5b586d7f1f7adec92734"
    )


def test_the_loader_answers_a_known_context():
    answer = contexts.known()(contexts.OPEN_BADGES_V3, {})

    assert answer["documentUrl"] == contexts.OPEN_BADGES_V3
    assert "@context" in answer["document"]


@pytest.mark.parametrize(
    "url",
    [
        "https://www.w3.org/ns/credentials/examples/v2",
        "http://www.w3.org/ns/credentials/v2",
        "https://www.w3.org/ns/credentials/v2#",
        "file:///etc/passwd",
    ],
)
def test_any_other_context_is_refused_by_name(url):
    with pytest.raises(contexts.UnknownContext) as refusal:
        contexts.known()(url, {})
    assert refusal.value.url == url


def test_an_altered_file_is_refused(tmp_path, monkeypatch):
    content = b'{"@context": {}}'
    (tmp_path / "a.json").write_bytes(content)
    index = {"https://a.example/": {"file": "a.json", "sha256": hashlib.sha256(content).hexdigest()}}
    (tmp_path / "index.json").write_text(json.dumps(index))
    monkeypatch.setattr(contexts, "FOLDER", tmp_path)
    assert list(contexts.known.__wrapped__()) == ["https://a.example/"]

    (tmp_path / "a.json").write_bytes(content + b" ")
    with pytest.raises(contexts.AlteredContext):
        contexts.known.__wrapped__()


def test_the_context_that_lets_any_term_pass_is_known_to_test_suites_only():
    assert set(contexts.for_conformance()) == {*contexts.known(), contexts.EXAMPLES_V2}
    assert not any('"@vocab":' in json.dumps(document) for document in map(contexts.known().get, contexts.known()))
