"""People at once, over HTTP.

1. Fifty presses of one transition: one 200, forty-nine 409, one history row, one audit row (design, rule 5).
2. Ten changes of one record from one version: one 200, nine 412.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable

from werkzeug.test import TestResponse

from runtime.store import system
from tests.runtime.api.world import Web


def at_once(count: int, work: Callable[[int], TestResponse]) -> Counter[int]:
    """Statuses of that many calls, begun together."""
    barrier, found = threading.Barrier(count), []

    def run(place: int) -> None:
        barrier.wait()
        found.append(work(place).status_code)

    threads = [threading.Thread(target=run, args=(place,)) for place in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Counter(found)


def test_fifty_presses_have_one_winner(web: Web) -> None:
    """Requirement 1."""
    id = web.task()
    callers = [web.as_("nurse") for _ in range(50)]
    assert at_once(50, lambda n: callers[n].post(f"/task/{id}/transitions/start")) == {200: 1, 409: 49}
    assert web.count(system.history, system.history.c.record_id == id, system.history.c.action == "start") == 1
    assert web.count(system.audit, system.audit.c.record_id == id, system.audit.c.action == "start") == 1


def test_one_of_ten_changes_wins(web: Web) -> None:
    """Requirement 2."""
    id = web.patient()
    callers = [web.as_("nurse") for _ in range(10)]
    assert at_once(10, lambda n: callers[n].patch(f"/patient/{id}", {"name": f"Name {n}"}, 1)) == {200: 1, 412: 9}
    assert web.as_("nurse").get(f"/patient/{id}").headers["ETag"] == '"2"'
