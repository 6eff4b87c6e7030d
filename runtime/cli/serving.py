"""`carework serve`: waitress for plain HTTP on this machine alone, gunicorn with TLS (`runtime.cli.tls`) for everything else."""

from __future__ import annotations

import contextlib
import dataclasses
import errno
import signal
import socket
from typing import Any

import click

from runtime.cli.context import open_store, settings
from runtime.cli.tls import AUTO, Own, TlsCommand, given, host_names, own_authority, qr, serve_tls
from runtime.network.addresses import LOCAL, address_of
from runtime.network.authority import Authority
from runtime.network.trust_page import TrustPage
from runtime.settings import Settings

__all__ = ["LOCAL", "how_to_trust", "must_be_free", "serve_command", "serve_plain"]

THREADS = 8


@click.command("serve", cls=TlsCommand)
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on; others than this machine need --tls.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535))
@click.option("--tls", nargs=2, metavar="auto | CERT KEY",
              help="Serve HTTPS: with an authority of its own, which it makes once, or with this certificate and key (PEM).")
@click.option("--name", "names", multiple=True, metavar="NAME", callback=host_names,
              help="With --tls auto: a further name or address of this machine.")
@click.option("--ca-port", type=click.IntRange(0, 65535), metavar="PORT",
              help="With --tls auto: the port of the page that brings the authority's certificate to phones; 0 for none. [default: port + 1]")
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64), help="Processes, with --tls.")
def serve_command(
    host: str, port: int, tls: tuple[str, str] | None, names: tuple[str, ...], ca_port: int | None, workers: int,
) -> None:
    """Serve the screens and the API. Plain HTTP stays on this machine; Ctrl-C ends it after the running requests."""
    if host not in LOCAL and tls is None:
        raise click.UsageError(
            f"plain HTTP is served on this machine alone, not on {host}: records and passwords would cross the network in the clear. "
            "Give --tls auto or --tls CERT KEY, or let a proxy that speaks TLS pass requests on to 127.0.0.1 (docs/operate/network.md)")
    files = given(tls) if tls is not None and tls != (AUTO, AUTO) else None
    chosen = settings()
    with open_store(chosen.database_url) as store:
        store.releases.refresh()  # NoRelease, a wrong address or a locked file is told before anything listens
    if tls is None:
        serve_plain(chosen, host, port)
        return
    chosen = dataclasses.replace(chosen, secure_cookies=True)
    if files is not None:
        serve_tls(chosen, host, port, files, workers)
        return
    must_be_free(host, port)
    own = own_authority(chosen, host, port, names)
    page = None if ca_port == 0 else _trust_page(own, host, ca_port or port + 1)
    file = own.certificate()
    serve_tls(own.settings(chosen), host, port, (file, file), workers, own=own, page=page)


def _trust_page(own: Own, host: str, port: int) -> TrustPage:
    """The page for phones, with how to come to it on the terminal."""
    try:
        page = TrustPage(own.authority, own.address, host, port)
    except OSError as error:
        raise click.ClickException(f"the page for phones: {_why_not(error, port)}, or leave it out with --ca-port 0") from error
    click.echo(how_to_trust(own.authority, address_of(own.names, page.port).replace("https://", "http://", 1)))
    return page


def how_to_trust(authority: Authority, address: str) -> str:
    """What the terminal says to whoever brings a phone."""
    return (
        f"{qr(f'{address}/')}\nPhones and computers trust this server once they have its certificate: {address}/\n"
        f"Go on there only if these characters are the same (SHA-256):\n  {authority.fingerprint}\n")


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
