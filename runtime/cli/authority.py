"""`carework ca`: the certificate of the installation's own authority, to carry to other devices."""

from __future__ import annotations

import datetime
from pathlib import Path

import click

from runtime.cli.context import settings
from runtime.network.authority import Authority, BadAuthority, folder_of

__all__ = ["ca_command"]


@click.command("ca")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Write the certificate (PEM) to a file.")
def ca_command(out: Path | None) -> None:
    """Show the certificate authority that `serve --tls auto` made: until when it holds, its fingerprint, and its certificate as a file.

    The file holds no secret. Carrying it on a stick is the safest way to bring it to a device.
    """
    try:
        authority = Authority.load(folder_of(settings().keys_path), datetime.datetime.now(datetime.UTC))
    except BadAuthority as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"made for {authority.certificate.subject.rfc4514_string().removeprefix('CN=')}, "
               f"holds until {authority.certificate.not_valid_after_utc:%Y-%m-%d}")
    click.echo(f"SHA-256: {authority.fingerprint}")
    if out is not None:
        if out.exists():
            raise click.ClickException(f"{out} is there already; name another file")
        out.write_bytes(authority.pem)
        click.echo(f"wrote {out}")
