"""Values within a number of bytes."""

from annotator.session.pixels.byte_cache import ByteCache


def _filled() -> ByteCache[str, bytes]:
    cache: ByteCache[str, bytes] = ByteCache(10, len)
    for key, size in (("a", 4), ("b", 3), ("c", 3)):
        cache[key] = bytes(size)
    return cache


def test_what_was_used_longest_ago_goes_first() -> None:
    cache = _filled()
    assert cache.nbytes == 10
    assert cache.get("a") == bytes(4)
    assert cache.peek("b") == bytes(3)  # a look that is no use
    cache["d"] = bytes(2)
    assert cache.peek("b") is None
    assert [cache.peek(key) is not None for key in "acd"] == [True, True, True]
    assert cache.nbytes == 9


def test_a_key_has_one_value_and_the_newest_stays_whatever_it_takes() -> None:
    cache = _filled()
    cache["a"] = bytes(1)
    assert cache.nbytes == 7
    cache["e"] = bytes(99)
    assert (cache.nbytes, cache.get("e"), cache.get("a")) == (99, bytes(99), None)


def test_a_smaller_budget_and_clearing_free_at_once() -> None:
    cache = _filled()
    cache.set_budget(5)
    assert (cache.nbytes, cache.get("c")) == (3, bytes(3))
    cache.clear()
    assert (cache.nbytes, cache.get("c")) == (0, None)
