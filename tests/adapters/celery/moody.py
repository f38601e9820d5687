"""A result backend that is away when a test wants it to be."""

from threading import Event as Flag

from celery.backends.cache import CacheBackend

away = Flag()


class Moody(CacheBackend):
    def get(self, key: str) -> object:
        if away.is_set():
            raise OSError("the result backend is away")
        return super().get(key)
