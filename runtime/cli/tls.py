"""`carework serve --tls`: HTTPS by gunicorn, with a given certificate or one of the installation's own authority."""

from __future__ import annotations

import dataclasses
import datetime
import io
import re
import ssl
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from runtime.network.addresses import address_of, found_names, hosts_of, is_address, names_of
from runtime.network.authority import Authority, BadAuthority, folder_of
from runtime.network.trust_page import TrustPage
from runtime.settings import Settings

__all__ = ["AUTO", "Own", "TlsCommand", "given", "host_names", "own_authority", "qr", "serve_tls"]

AUTO = "auto"
THREADS = 8
CHECK_SECONDS = 3600.0
"""How often a server that runs looks whether its certificate must be renewed."""
_HOST = re.compile(r"(?=.{1,253}\Z)[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*")


class TlsCommand(click.Command):
    """A command whose `--tls` takes `auto` or the two files CERT and KEY."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """An option has a fixed number of values: `auto` is doubled."""
        taken: list[str] = []
        for place, each in enumerate(args):
            if each == f"--tls={AUTO}":
                taken += ["--tls", AUTO, AUTO]
            else:
                taken += [each, each] if each == AUTO and args[place - 1:place] == ["--tls"] else [each]
        return super().parse_args(ctx, taken)


def host_names(ctx: click.Context, param: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    """Names of hosts and addresses. Raises BadParameter."""
    for name in value:
        if not is_address(name) and not _HOST.fullmatch(name):
            raise click.BadParameter(f"'{name}' is neither the name of a host nor an address")
    return value


@dataclasses.dataclass(frozen=True, slots=True)
class Own:
    """The installation's own authority at work: for which names, at which address people find Carework."""

    authority: Authority
    names: tuple[str, ...]
    address: str

    def certificate(self) -> Path:
        """The file of certificate and key, renewed where that is due. Raises BadAuthority."""
        return self.authority.server(self.names, _now())

    def settings(self, chosen: Settings) -> Settings:
        """Links are made with the address unless another is set, and requests for other names are refused."""
        return dataclasses.replace(chosen, base_url=chosen.base_url or self.address, hosts=hosts_of(self.names))


def own_authority(chosen: Settings, host: str, port: int, more: Sequence[str]) -> Own:
    """The installation's authority, made on first use. Raises ClickException."""
    asked, found = names_of(host, more, chosen.base_url), found_names(host)
    try:
        authority = Authority.load_or_make(folder_of(chosen.keys_path), (*asked, *found), _now())
        names = tuple(dict.fromkeys((*asked, *filter(authority.vouches, found))))
        own = Own(authority, names, chosen.base_url or address_of(names, port))
        own.certificate()
    except (BadAuthority, OSError) as error:
        raise click.ClickException(str(error)) from error
    left = [name for name in found if name not in names]
    if left:
        click.echo(f"not served as {', '.join(left)}: the authority was not made for that (see docs/operate/network.md)", err=True)
    return own


def given(tls: tuple[str, str]) -> tuple[Path, Path]:
    """The certificate and key that the operator gave, tried together. Raises ClickException."""
    certificate, key = map(Path, tls)
    for path in (certificate, key):
        if not path.is_file():
            raise click.BadParameter(f"there is no file '{path}'; give the files CERT and KEY, or auto", param_hint="--tls")
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key)
    except (ssl.SSLError, OSError) as error:
        raise click.ClickException(f"the certificate {certificate} and the key {key} cannot be used together: {error}") from error
    return certificate, key


def serve_tls(
    chosen: Settings, host: str, port: int, files: tuple[Path, Path], workers: int, *, own: Own | None = None, page: TrustPage | None = None,
) -> None:
    """gunicorn's threads, because waitress does not speak TLS; each worker opens the store after its fork.

    Every connection reads the certificate's file, so a renewed one is used without a restart.
    """
    from gunicorn.app.base import BaseApplication

    from runtime.web.app import create_app
    from runtime.web.site import site_of

    stopped = threading.Event()

    listens = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

    def ready(server: Any) -> None:
        click.echo(f"serving on {own.address if own is not None else f'https://{listens}'}/ with {workers} processes (end with Ctrl-C)")
        if page is not None:
            page.start()
        if own is not None:
            threading.Thread(target=_renew, args=(own, stopped), name="renewing", daemon=True).start()

    def forked(server: Any, worker: Any) -> None:
        if page is not None:
            page.close_copy()

    options = {
        "bind": listens, "workers": workers, "worker_class": "gthread", "threads": THREADS,
        "certfile": str(files[0]), "keyfile": str(files[1]), "graceful_timeout": 30, "loglevel": "warning", "proc_name": "carework",
        "when_ready": ready, "post_fork": forked, "on_exit": lambda server: stopped.set(),
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

    Served().run()


def qr(text: str) -> str:
    """A QR code for a terminal."""
    import segno

    drawn = io.StringIO()
    segno.make(text, error="m", micro=False).terminal(out=drawn, compact=True)
    return drawn.getvalue()


def _renew(own: Own, stopped: threading.Event) -> None:
    while not stopped.wait(CHECK_SECONDS):
        try:
            own.certificate()
        except (BadAuthority, OSError) as error:
            click.echo(f"the certificate could not be renewed: {error}", err=True)


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)
