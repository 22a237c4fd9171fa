"""A Redis cache whose absence is a miss, never an error (reliability J7)."""

import logging
from typing import Any

from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)


class CacheAway(Exception):
    """The cache cannot be reached, and what was asked cannot be answered by a miss."""


class ForgivingRedisCache(RedisCache):
    """Answers a read with the default and drops a write when the server is away; a count says that it is away."""

    def _forgive(self, answer: Any, error: RedisError) -> Any:
        logger.warning("The cache is away.", extra={"error": type(error).__name__})
        return answer

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        try:
            return super().get(key, default, version)
        except RedisError as error:
            return self._forgive(default, error)

    def get_many(self, keys: Any, version: int | None = None) -> Any:
        try:
            return super().get_many(keys, version)
        except RedisError as error:
            return self._forgive({}, error)

    def has_key(self, key: Any, version: int | None = None) -> bool:
        try:
            return bool(super().has_key(key, version))
        except RedisError as error:
            return bool(self._forgive(False, error))

    def set(self, key: Any, value: Any, *args: Any, **kwargs: Any) -> None:
        try:
            super().set(key, value, *args, **kwargs)
        except RedisError as error:
            self._forgive(None, error)

    def add(self, key: Any, value: Any, *args: Any, **kwargs: Any) -> bool:
        try:
            return bool(super().add(key, value, *args, **kwargs))
        except RedisError as error:
            # "Added" is what a caller may act upon when nobody can say that it was there before.
            return bool(self._forgive(True, error))

    def touch(self, key: Any, *args: Any, **kwargs: Any) -> bool:
        try:
            return bool(super().touch(key, *args, **kwargs))
        except RedisError as error:
            return bool(self._forgive(False, error))

    def delete(self, key: Any, version: int | None = None) -> bool:
        try:
            return bool(super().delete(key, version))
        except RedisError as error:
            return bool(self._forgive(False, error))

    def set_many(self, *args: Any, **kwargs: Any) -> list[Any]:
        try:
            return list(super().set_many(*args, **kwargs))
        except RedisError as error:
            return list(self._forgive([], error))

    def delete_many(self, *args: Any, **kwargs: Any) -> None:
        try:
            super().delete_many(*args, **kwargs)
        except RedisError as error:
            self._forgive(None, error)

    def clear(self) -> None:
        try:
            super().clear()
        except RedisError as error:
            self._forgive(None, error)

    def incr(self, key: Any, delta: int = 1, version: int | None = None) -> int:
        try:
            return int(super().incr(key, delta, version))
        except RedisError as error:
            raise CacheAway from error
