"""A cache whose server is away: a miss, never an error, and whoever counts is told."""

import pytest

from portal.shared.forgiving_cache import CacheAway, ForgivingRedisCache


@pytest.fixture
def away() -> ForgivingRedisCache:
    # A port on which nothing listens.
    return ForgivingRedisCache("redis://127.0.0.1:1/0", {"OPTIONS": {"socket_connect_timeout": 0.2}})


@pytest.fixture
def there(valkey_server: str) -> ForgivingRedisCache:
    return ForgivingRedisCache(valkey_server, {"KEY_PREFIX": "test-forgiving"})


def test_what_is_read_is_not_there(away: ForgivingRedisCache) -> None:
    assert away.get("a") is None
    assert away.get("a", 7) == 7
    assert away.get_many(["a", "b"]) == {}
    assert away.has_key("a") is False


def test_what_is_written_is_dropped(away: ForgivingRedisCache) -> None:
    away.set("a", 1)
    assert away.set_many({"a": 1}) == []
    assert away.delete("a") is False
    assert away.touch("a") is False
    away.delete_many(["a"])
    away.clear()


def test_who_adds_may_act(away: ForgivingRedisCache) -> None:
    assert away.add("a", 1) is True


def test_who_counts_is_told(away: ForgivingRedisCache) -> None:
    with pytest.raises(CacheAway):
        away.incr("a")


def test_a_server_that_is_there_is_a_cache(there: ForgivingRedisCache) -> None:
    there.delete("a")
    assert there.add("a", 1) is True
    assert there.add("a", 2) is False
    assert there.incr("a") == 2
    assert there.get_many(["a", "b"]) == {"a": 2}
    assert there.delete("a") is True
