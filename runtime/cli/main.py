"""`carework`: the entry point. Commands are imported when they are called, so `carework check` needs no web server."""

from __future__ import annotations

import importlib

import click

__all__ = ["main"]

_COMMANDS = {
    "backup": "operate",
    "ca": "authority",
    "check": "definitions",
    "demo": "demo",
    "doctor": "operate",
    "eval": "evaluate",
    "explain": "explain",
    "export": "releases",
    "import": "importing",
    "import-questionnaire": "questionnaires",
    "jobs": "jobs",
    "new": "definitions",
    "plan": "releases",
    "publish": "releases",
    "recompute": "operate",
    "restore": "operate",
    "schema": "definitions",
    "serve": "serving",
    "simulate": "simulating",
    "test": "testing",
    "token": "people",
    "user": "people",
    "worker": "working",
}
"""Command → the module of this folder that holds it; its function is `<command>_command`."""


class _Lazy(click.Group):
    """Imports the module of a command when it is called or its help is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module = importlib.import_module(f"runtime.cli.{_COMMANDS[cmd_name]}")
        command = vars(module)[f"{cmd_name.replace('-', '_')}_command"]
        assert isinstance(command, click.Command)
        return command

    def invoke(self, ctx: click.Context) -> object:
        """Runs the command; what users can cause is told in a line, without a traceback."""
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            from runtime.cli.errors import as_click

            told = as_click(error)
            if told is None:
                raise
            raise told from error


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="carework", prog_name="carework")
def main() -> None:
    """Carework: from a folder of YAML to a running clinic.

    Exit codes: 0 done, 1 problems, 2 wrong use, 3 (plan) there is something to do.
    """
