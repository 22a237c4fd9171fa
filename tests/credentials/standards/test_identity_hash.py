import pytest

from credentials.standards.identity_hash import identity_hash, is_hash_of

from .vectors import read

CASES = read("ob3-identity-hash.json")["cases"]


@pytest.mark.parametrize("case", CASES)
def test_published_hash(case):
    salt = case["salt"] or ""
    assert identity_hash(case["identity"], salt) == case["identityHash"]
    assert is_hash_of(case["identityHash"], case["identity"], salt)
    assert is_hash_of(
        case["identityHash"].replace("sha256$", "", 1).upper().join(["sha256$", ""]), case["identity"], salt
    )


def test_the_spelling_of_an_address_is_forgiven_but_nothing_else():
    text = identity_hash("lena@example.edu", "salt")
    assert is_hash_of(text, " Lena@Example.edu ", "salt")
    assert not is_hash_of(text, "lena@example.edu", "other")
    assert not is_hash_of(text, "lena@example.org", "salt")


def test_the_older_md5_is_read_and_unknown_algorithms_never_match():
    assert is_hash_of("md5$5d41402abc4b2a76b9719d911017c592", "hello")
    assert not is_hash_of("sha1$aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d", "hello")
    assert not is_hash_of("sha256$é", "hello")
    assert not is_hash_of("", "hello")
