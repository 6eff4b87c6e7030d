"""`carework worker`: does jobs and computes stored formulas without serving; start as many as there is work for."""

from __future__ import annotations

import signal
import threading

import click

from runtime.cli.context import new_ids, now, open_store, settings

__all__ = ["worker_command"]


@click.command("worker")
@click.option("--threads", default=2, show_default=True, type=click.IntRange(1, 32), help="How many jobs of a kind are done at a time.")
def worker_command(threads: int) -> None:
    """Do timers, effects and messages when they are due. Any number of workers may run, on any machine; Ctrl-C ends it after its jobs.

    A process that serves does the same by itself; CAREWORK_JOBS=0 there leaves it to workers.
    """
    from runtime.audit.keys import Keys
    from runtime.composition import records_for
    from runtime.jobs.kinds import Workplace
    from runtime.web.watching import Watching

    chosen = settings()
    with open_store(chosen.database_url) as store:
        store.releases.refresh()  # NoRelease is told at once
        ids, keys = new_ids(), Keys.load_or_make(chosen.keys_path)
        records = records_for(store, now, ids, keys=keys)
        workplace = Workplace(store=store, records=records, keys=keys, clock=now, new_id=ids, settings=chosen)
        watching = Watching(store, records, ids, workplace, threads=1 if store.dialect == "sqlite" else threads)
        ended = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: ended.set())
        watching.here()
        click.echo("working (end with Ctrl-C)")
        while not ended.wait(3600):
            pass
        watching.stop()
    click.echo("stopped")
