"""`carework serve`: waitress for plain HTTP on this machine alone, gunicorn with TLS for everything else."""

from __future__ import annotations

import contextlib
import dataclasses
import errno
import signal
import socket
from pathlib import Path
from typing import Any

import click

from runtime.cli.context import open_store, settings
from runtime.settings import Settings

__all__ = ["LOCAL", "must_be_free", "serve_command", "serve_plain"]

LOCAL = ("127.0.0.1", "::1", "localhost")
THREADS = 8


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on; others than this machine need --tls.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535))
@click.option("--tls", nargs=2, metavar="CERT KEY", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="Serve HTTPS with this certificate and key (PEM).")
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64), help="Processes, with --tls.")
def serve_command(host: str, port: int, tls: tuple[Path, Path] | None, workers: int) -> None:
    """Serve the screens and the API. Plain HTTP stays on this machine; Ctrl-C ends it after the running requests."""
    if host not in LOCAL and tls is None:
        raise click.UsageError(
            f"plain HTTP is served on this machine alone, not on {host}: records and passwords would cross the network in the clear. "
            "Give --tls CERT KEY, or let a proxy that speaks TLS pass requests on to 127.0.0.1 (docs/operate/production.md)")
    chosen = settings()
    with open_store(chosen.database_url) as store:
        store.releases.refresh()  # NoRelease, a wrong address or a locked file is told before anything listens
    if tls is None:
        serve_plain(chosen, host, port)
    else:
        _serve_tls(dataclasses.replace(chosen, secure_cookies=True), host, port, tls, workers)


def serve_plain(chosen: Settings, host: str, port: int) -> None:
    """Serve until SIGINT or SIGTERM; requests that are under way are finished. Port 0 takes a free one."""
    from waitress.server import create_server

    from runtime.web.app import create_app
    from runtime.web.site import site_of

    app = create_app(chosen, watch=True)
    try:
        server: Any = create_server(
            app, host=host, port=port, threads=THREADS, ident=None, clear_untrusted_proxy_headers=not chosen.proxies)
    except OSError as error:
        site_of(app).store.close()
        raise click.ClickException(_why_not(error, port)) from error
    shown = f"[{host}]" if ":" in host else host
    try:
        with contextlib.suppress(KeyboardInterrupt):  # one that comes before `run` is there to take it
            signal.signal(signal.SIGTERM, _interrupt)
            click.echo(f"serving on http://{shown}:{server.effective_port}/ (end with Ctrl-C)")
            site_of(app).begin()
            server.run()  # returns after Ctrl-C, once its threads are through with their requests
    finally:
        server.close()
        site_of(app).end()
        site_of(app).store.close()
    click.echo("stopped")


def must_be_free(host: str, port: int) -> None:
    """Raises ClickException when the port is taken: told before anything long is begun."""
    try:
        with socket.create_server((host, port), reuse_port=False):
            pass
    except OSError as error:
        raise click.ClickException(_why_not(error, port)) from error


def _interrupt(number: int, frame: object) -> None:
    """SIGTERM ends the server like Ctrl-C."""
    raise KeyboardInterrupt


def _why_not(error: OSError, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} is in use; choose another with --port, or end the other program"
    if error.errno == errno.EACCES:
        return f"this account may not listen on port {port}; choose one above 1023"
    return f"cannot listen on port {port}: {error.strerror or error}"


def _serve_tls(chosen: Settings, host: str, port: int, tls: tuple[Path, Path], workers: int) -> None:
    """gunicorn's threads, because waitress does not speak TLS; each worker opens the store after its fork."""
    import ssl

    from gunicorn.app.base import BaseApplication

    from runtime.web.app import create_app
    from runtime.web.site import site_of

    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(*tls)
    except (ssl.SSLError, OSError) as error:
        raise click.ClickException(f"the certificate {tls[0]} and the key {tls[1]} cannot be used together: {error}") from error
    options = {
        "bind": f"[{host}]:{port}" if ":" in host else f"{host}:{port}", "workers": workers, "worker_class": "gthread", "threads": THREADS,
        "certfile": str(tls[0]), "keyfile": str(tls[1]), "graceful_timeout": 30, "loglevel": "warning", "proc_name": "carework",
    }

    class Served(BaseApplication):  # type: ignore[misc]
        """gunicorn with our options and no command line of its own."""

        def load_config(self) -> None:
            for name, value in options.items():
                self.cfg.set(name, value)

        def load(self) -> Any:
            app = create_app(chosen, watch=True)
            site_of(app).begin()  # each worker loads for itself, after its fork
            return app

    click.echo(f"serving on https://{options['bind']}/ with {workers} processes (end with Ctrl-C)")
    Served().run()
