"""The view writer: durable before it returns, several requests in one commit, and an error for each of them when it fails."""

from __future__ import annotations

import datetime
import threading
from collections.abc import Sequence

import pytest

from runtime.audit.views import View, ViewsNotWritten, ViewWriter

AT = datetime.datetime(2026, 11, 22, 8, tzinfo=datetime.UTC)


def view(number: int) -> View:
    return View(id=f"{number:032x}", at=AT, actor="a" * 32, kind="list", ids=("b" * 32,))


def test_an_entry_is_committed_before_record_returns() -> None:
    """Whoever has the response in hand has been written down."""
    seen: list[str] = []
    ViewWriter(lambda views: seen.extend(v.id for v in views)).record([view(1)])
    assert seen == [view(1).id]


def test_waiting_requests_share_one_commit() -> None:
    """While one commit runs the others gather and go out together: two commits for twenty requests, none lost or doubled."""
    first_runs, go_on = threading.Event(), threading.Event()
    commits: list[list[str]] = []

    def commit(views: Sequence[View]) -> None:
        if not commits:
            first_runs.set()
            go_on.wait(5)
        commits.append([v.id for v in views])

    writer = ViewWriter(commit)
    leader = threading.Thread(target=writer.record, args=([view(0)],))
    leader.start()
    first_runs.wait(5)
    others = [threading.Thread(target=writer.record, args=([view(n)],)) for n in range(1, 20)]
    for thread in others:
        thread.start()
    while len(writer._waiting) < 19:
        threading.Event().wait(0.001)
    go_on.set()
    for thread in [leader, *others]:
        thread.join(5)
    assert sorted(id for commit in commits for id in commit) == [view(n).id for n in range(20)]
    assert [len(commit) for commit in commits] == [1, 19]


def test_a_failed_commit_refuses_the_page() -> None:
    """No audit space, no sensitive read (F-08, F-43)."""

    def full(views: Sequence[View]) -> None:
        raise OSError("disk full")

    with pytest.raises(ViewsNotWritten):
        ViewWriter(full).record([view(1)])


def test_a_stuck_writer_refuses_instead_of_waiting_for_ever() -> None:
    """A request gives up after its bound and its entry is not written later by somebody else."""
    go_on = threading.Event()
    written: list[str] = []

    def slow(views: Sequence[View]) -> None:
        go_on.wait(5)
        written.extend(v.id for v in views)

    writer = ViewWriter(slow, wait=0.05)
    leader = threading.Thread(target=writer.record, args=([view(1)],))
    leader.start()
    while not writer._writer.locked():
        threading.Event().wait(0.001)
    with pytest.raises(ViewsNotWritten, match="busy"):
        writer.record([view(2)])
    go_on.set()
    leader.join(5)
    writer.record([view(3)])
    assert written == [view(1).id, view(3).id]
