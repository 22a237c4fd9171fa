import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from credentials.standards import checkpoint, merkle
from credentials.standards.checkpoint import BadNote, Checkpoint, NoteSignature, NotSigned

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes_raw()
WITNESS = Ed25519PrivateKey.from_private_bytes(bytes(32))
WITNESS_PUBLIC = WITNESS.public_key().public_bytes_raw()
NAME = "learn.example.edu/log"
HEAD = Checkpoint(NAME, 3, merkle.root_of([merkle.leaf_hash(b"a"), merkle.leaf_hash(b"b"), merkle.leaf_hash(b"c")]))


def note(head=HEAD):
    return checkpoint.signed(head, name=NAME, public_key=PUBLIC, sign=KEY.sign)


def verified(text, **more):
    return checkpoint.verify(text, name=NAME, public_key=PUBLIC, **more)


def test_a_signed_checkpoint_reads_as_it_was_written():
    text = note()

    body, empty, line, end = text.rsplit("\n", 3)[0], *text.split("\n")[3:]
    assert body.startswith(f"{NAME}\n3\n")
    assert (empty, end) == ("", "")
    assert line.startswith(f"— {NAME} ")
    assert verified(text, origin=NAME) == HEAD
    assert note() == text


def test_the_published_key_of_the_go_checksum_database_is_read():
    # A verifier key that everybody who uses Go has; its key id follows from its name and its key.
    text = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"

    name, public_key = checkpoint.parse_verifier_key(text)

    assert name == "sum.golang.org"
    assert checkpoint.verifier_key(name, public_key) == text


def test_a_published_note_of_the_go_project_holds():
    # The example of the package golang.org/x/mod/sumdb/note.
    name, public_key = checkpoint.parse_verifier_key(
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    )
    text = (
        "If you think cryptography is the answer to your problem,\n"
        "then you don't know what your problem is.\n"
        "\n"
        "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
    )

    parsed = checkpoint.parse_note(text)

    assert parsed.signatures[0].key_id == checkpoint.key_id(name, public_key)
    # Signed by that key, but no checkpoint.
    with pytest.raises(BadNote):
        checkpoint.verify(text, name=name, public_key=public_key)
    with pytest.raises(NotSigned):
        checkpoint.verify(text.replace("answer", "remedy"), name=name, public_key=public_key)


def test_a_witness_adds_a_line():
    name = "witness.example.org"
    hint = checkpoint.key_id(name, WITNESS_PUBLIC)
    text = checkpoint.with_signature(note(), NoteSignature(name, hint, WITNESS.sign(HEAD.text().encode())))

    assert verified(text) == HEAD
    assert checkpoint.verify(text, name=name, public_key=WITNESS_PUBLIC) == HEAD
    assert len(checkpoint.parse_note(text).signatures) == 2


@pytest.mark.parametrize(
    "altered",
    [
        note().replace("\n3\n", "\n4\n"),
        note().replace(f"{NAME}\n", "other.example.edu/log\n", 1),
        note().replace("— learn", "— teach"),
        checkpoint.signed(HEAD, name=NAME, public_key=WITNESS_PUBLIC, sign=WITNESS.sign),
        checkpoint.signed(HEAD, name=NAME, public_key=PUBLIC, sign=WITNESS.sign),
    ],
)
def test_what_this_key_did_not_sign_is_refused(altered):
    with pytest.raises(NotSigned):
        verified(altered)


def test_a_checkpoint_of_another_log_is_refused():
    with pytest.raises(BadNote):
        verified(note(), origin="other.example.edu/log")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n",
        HEAD.text(),
        note().rstrip("\n"),
        note().replace("\n\n", "\n"),
        note() + "more\n",
        note() + "\n",
        note().replace("— ", "- "),
        note().replace("3\n", "3\r\n", 1),
        note()[:-3] + "=\n",
        note() + "— a AAAA\n",
        "x" * 70_000,
    ],
)
def test_what_is_no_note_is_refused(text):
    with pytest.raises(BadNote):
        checkpoint.parse_note(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "log\n3\n",
        HEAD.text().replace("\n3\n", "\n03\n"),
        HEAD.text().replace("\n3\n", "\n-3\n"),
        HEAD.text().replace("\n3\n", "\n٣\n"),
        HEAD.text().replace("\n3\n", "\n" + "9" * 30 + "\n"),
        HEAD.text() + "\n",
        HEAD.text()[:-1],
        HEAD.text().replace("=", ""),
        "log\n3\nAAAA\n",
        "\n3\n" + HEAD.text().split("\n")[2] + "\n",
    ],
)
def test_what_is_no_checkpoint_is_refused(text):
    with pytest.raises(BadNote):
        checkpoint.parse_checkpoint(text)


def test_extension_lines_are_kept():
    head = Checkpoint(NAME, 0, merkle.EMPTY_ROOT, ("time 2026",))
    assert verified(note(head)) == head


@pytest.mark.parametrize(
    "head",
    [
        Checkpoint("", 3, HEAD.root),
        Checkpoint("a\nb", 3, HEAD.root),
        Checkpoint(NAME, -1, HEAD.root),
        Checkpoint(NAME, 3, b"short"),
        Checkpoint(NAME, 3, HEAD.root, ("",)),
    ],
)
def test_an_unsound_checkpoint_is_not_written(head):
    with pytest.raises(BadNote):
        note(head)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb"])
def test_a_name_that_breaks_the_format_is_refused(name):
    with pytest.raises(BadNote):
        checkpoint.signed(HEAD, name=name, public_key=PUBLIC, sign=KEY.sign)


@pytest.mark.parametrize(
    "text", ["", "a+b", "a+00000000+" + "A" * 44, checkpoint.verifier_key(NAME, PUBLIC)[:-4] + "AAA="]
)
def test_what_is_no_verifier_key_is_refused(text):
    with pytest.raises(BadNote):
        checkpoint.parse_verifier_key(text)
