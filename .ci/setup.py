"""Build the virtual environment from the lock: `python3.11 .ci/setup.py .venv` (what `make setup` calls)."""

import compileall
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OLDEST_PYTHON = (3, 11)


def main(target: str) -> int:
    """Create or refresh `target`; returns the exit status of the first step that fails.

    Only files whose hash stands in the lock are installed, and nothing is built but the project itself.
    """
    if sys.version_info < OLDEST_PYTHON:
        print("Carework needs Python 3.11 or newer: `make PYTHON=<path of one> ...` names it", file=sys.stderr)
        return 1
    environment = ROOT / target
    print(f"installing the packages of the lock into {target}; the first time takes a minute or two", flush=True)
    if not (environment / "bin" / "python").exists():
        try:
            venv.create(environment, with_pip=True, clear=environment.exists())
        except subprocess.CalledProcessError:
            print("this Python cannot make an environment with pip: install its venv package", file=sys.stderr)
            return 1
    pip = [str(environment / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "install", "-qq", "--no-compile"]
    lock = ["--require-hashes", "--only-binary", ":all:", "--requirement", str(ROOT / "requirements-dev.txt")]
    # The build backend is already installed from the lock: the project's own installation fetches nothing.
    project = ["--no-deps", "--no-build-isolation", "--no-index", "--config-settings", "editable_mode=compat"]
    for step in (lock, [*project, "--editable", str(ROOT)]):
        status = subprocess.run([*pip, *step], check=False).returncode
        if status:
            print("make setup stopped: the lines above say which package could not be installed", file=sys.stderr)
            return status
    # By every core at once, which pip does not do; who runs Carework later may not be allowed to write it.
    compileall.compile_dir(environment / "lib", quiet=2, workers=0)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
