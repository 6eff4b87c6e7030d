"""The front end of the compiler: read → parse → validate → link → compile; a folder of text becomes a Model."""

from engine.text.check import Checked, check
from engine.text.read import read_folder
from engine.text.source import Source, read_bytes

__all__ = ["Checked", "Source", "check", "read_bytes", "read_folder"]
