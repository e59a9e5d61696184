"""The budget that all caches of the window share."""

from annotator.session.pixels.memory import Cache, MemoryBudget


class _Held:
    def __init__(self, used: int) -> None:
        self.bytes, self.most = used, 0

    def limit(self, most: int) -> None:
        self.most, self.bytes = most, min(self.bytes, most)


def test_shares_and_the_rest_stay_within_the_budget() -> None:
    memory, frames, tiles, more = MemoryBudget(), _Held(900), _Held(500), _Held(30)
    memory.set_total(1000)
    for title, held, share in (("frames", frames, None), ("tiles", tiles, 0.1), ("tiles", more, 0.05)):
        memory.add(Cache(title, lambda held=held: held.bytes, held.limit, share))
    assert (frames.most, tiles.most, more.most) == (1000, 100, 50)
    assert memory.used() == {"frames": 900, "tiles": 130}
    assert memory.reserved() == 130


def test_another_budget_is_handed_out_at_once() -> None:
    memory, tiles, told = MemoryBudget(), _Held(500), []
    memory.add(Cache("tiles", lambda: tiles.bytes, tiles.limit, 0.5))
    memory.changed.connect(lambda: told.append(memory.total))
    memory.set_total(200)
    assert (tiles.most, tiles.bytes, told) == (100, 100, [200])
