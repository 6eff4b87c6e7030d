"""Where a pack writes: into its own files, extending what another pack owns; and the maps in them that edits change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from designer.edits.edit import Bench
from designer.edits.files import CreateFile
from designer.edits.primitive import AddEntry, RemoveEntry, SetValue
from designer.edits.refused import EditRefused
from designer.edits.text import read
from designer.layers import Layers
from engine.text.kinds import KINDS

__all__ = ["change", "free_path", "layer_path", "names", "put"]


def layer_path(bench: Bench, folder: str, name: str, pack: str) -> str:
    """The file in which a pack changes a definition; made, with what the pack must require, when there is none."""
    if folder not in KINDS:
        raise EditRefused("bad_path", path=folder[:60])
    layers = Layers(bench.files)
    found = layers.known(folder, name)
    for layer in found:
        if layer.pack == pack:
            return layer.path
    owner = found[0].pack
    header = layers.header(pack)
    if header is None:
        raise EditRefused("no_file", path=f"{pack}/pack.yaml")
    if owner not in layers.all_required(pack):
        bench.do(SetValue(path=header.path, at=("requires", owner), value=">=0"))
    path = free_path(bench.files, pack, folder, name)
    bench.do(CreateFile(path=path, value={"extend": f"{owner}:{name}"}))
    return path


def free_path(files: Mapping[str, str], pack: str, folder: str, name: str) -> str:
    """Where a new file of a definition goes."""
    path, number = f"{pack}/{folder}/{name}.yaml", 2
    while path in files:
        path, number = f"{pack}/{folder}/{name}_{number}.yaml", number + 1
    return path


# Parts


def names(bench: Bench, path: str, section: tuple[str, ...]) -> tuple[str, ...]:
    """The elements of a section that one file itself names."""
    node = read(path, bench.files.get(path)).find(section)
    return tuple(getattr(node, "entries", ()))


def put(bench: Bench, path: str, section: tuple[str, ...], name: str, value: Any, after: str | None = None) -> None:
    """An entry of a map that may not be there yet, nor what it stands in."""
    text = read(path, bench.files.get(path))
    if section and text.find(section) is None:
        put(bench, path, section[:-1], section[-1], {name: value})
    else:
        bench.do(AddEntry(path=path, at=section, name=name, value=value, after=after))


def change(bench: Bench, path: str, at: tuple[str, ...], changes: Mapping[str, Any]) -> None:
    """Some keys of the map at a place, which is made when it is not there; None takes a key away."""
    text = read(path, bench.files.get(path))
    kept = {key: value for key, value in changes.items() if value is not None}
    if at and text.find(at) is None:
        if kept:
            put(bench, path, at[:-1], at[-1], kept)
        return
    for key, value in changes.items():
        if value is not None:
            bench.do(SetValue(path=path, at=(*at, key), value=value))
        elif read(path, bench.files[path]).find((*at, key)) is not None:
            bench.do(RemoveEntry(path=path, at=(*at, key)))
