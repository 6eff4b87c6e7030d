"""Pages of panels: the page of a record, and home pages by role."""

from __future__ import annotations

from collections.abc import Mapping

from engine.model import Label, ListView, Page, Panel
from engine.model.page import PANEL_KINDS
from engine.problems import Code, Place, suggest
from engine.text.compile.context import Context, label
from engine.text.compile.paths import follow, leads_through_hidden
from engine.text.elements import Named
from engine.text.link import Definition
from engine.text.nodes import MapNode, ScalarNode

__all__ = ["check_pages", "compile_page"]

LIMIT = 5
_WHERE = {"record": "the page of a record", "home": "a home page"}
_FOR_RECORDS, _FOR_HOME = ("head",), ("roles",)


def compile_page(context: Context, definition: Definition, views: Mapping[str, ListView]) -> Page | None:
    """The page; None when its object is not known."""
    node = definition.node
    object_name = ""
    if node.get("object") is not None:
        found = context.over(node.get("object"))
        if found is None or found not in context.drafts:
            return None
        object_name = found
    kind = "record" if object_name else "home"
    for key in _FOR_HOME if object_name else _FOR_RECORDS:
        if key in node.entries:
            context.problems.add(Code.PAGE_004.at(node.entries[key].place, key=key, page=_WHERE[kind]))
    panels = {}
    for named in context.ids.elements("panel", definition.id, node.map("panels")):
        panel = None if named.gone else _Panels(context, object_name, views).panel(named)
        if panel is not None:
            panels[named.name] = panel
    return Page(
        id=definition.id, name=definition.name, label=label(node.get("label"), definition.name), place=definition.place,
        former=definition.former, object=object_name, roles=_roles(context, node),
        head=tuple(context.fields(object_name, node.scalars("head"))) if object_name else (), panels=panels,
    )


def _roles(context: Context, node: MapNode) -> tuple[str, ...]:
    names = context.namespace["role"]
    found = []
    for scalar in node.scalars("roles"):
        name = str(scalar.value)
        if name in names.current:
            found.append(name)
        elif not names.incomplete and not (name in names.gone and names.gone[name].hidden):
            context.problems.add(Code.PAGE_003.at(scalar.place, name=name, suggestion=suggest(name, names.current)))
    return tuple(found)


class _Panels:
    """Compiles the panels of one page."""

    def __init__(self, context: Context, object_name: str, views: Mapping[str, ListView]) -> None:
        self._context = context
        self._object = object_name
        self._views = views

    def panel(self, named: Named) -> Panel | None:
        """The panel; None where what it shows is hidden or not known."""
        node, context = named.node, self._context
        kind, page = node.text("kind"), "record" if self._object else "home"
        if kind not in PANEL_KINDS[page]:
            context.problems.add(Code.PAGE_002.at(node.place_of("kind"), kind=kind, page=_WHERE[page], known=", ".join(PANEL_KINDS[page])))
            return None
        object_name, view, link = "", "", ""
        if kind == "rows":
            shown = self._shown(named)
            if shown is None:
                return None
            object_name, view = shown
            if self._object:
                found = self._link(named, object_name)
                if found is None:
                    return None
                link = found
        elif node.get("object") is not None:
            object_name = context.over(node.get("object")) or ""
        limit = node.value("limit")
        own = node.get("label")
        return Panel(
            id=named.id, name=named.name, label=label(own, named.name) if own else self._label(kind, object_name, view, named.name),
            place=named.place, former=named.former, kind=kind, titled=own is not None, object=object_name, view=view, link=link,
            fields=self._fields(named, object_name or self._object), limit=limit if isinstance(limit, int) else LIMIT,
            side=node.flag("side"), alert=node.flag("alert"), mine=node.flag("mine"),
        )

    def _label(self, kind: str, object_name: str, view: str, name: str) -> Label:
        if view in self._views:
            return self._views[view].label
        draft = self._context.drafts.get(object_name)
        return label(draft.node.get("plural") or draft.node.get("label"), object_name) if draft else label(None, name)

    def _shown(self, named: Named) -> tuple[str, str] | None:
        """The object and the view of rows; None for what is hidden, and for what is reported."""
        node, context = named.node, self._context
        wanted = node.get("view")
        if isinstance(wanted, ScalarNode):
            name = str(wanted.value)
            names = context.namespace["view"]
            if name in self._views:
                return self._views[name].object, name
            if not names.incomplete and name not in names.gone:
                context.problems.add(Code.PAGE_006.at(wanted.place, name=name, suggestion=suggest(name, names.current)))
            elif name in names.gone and names.gone[name].retired:
                context.report(names.unknown(name, wanted.place))
            return None
        if node.get("object") is None:
            context.problems.add(Code.PAGE_007.at(named.place, name=named.name))
            return None
        found = context.over(node.get("object"))
        return (found, "") if found is not None and found in context.drafts else None

    def _link(self, named: Named, object_name: str) -> str | None:
        context, node = self._context, named.node.get("link")
        draft = context.drafts[object_name]
        leading = [name for name, kind in draft.types.items() if kind.link_to == self._object]
        if not isinstance(node, ScalarNode):
            if len(leading) == 1:
                return leading[0]
            why = f"'{object_name}' has {len(leading) or 'no'} fields that lead to '{self._object}'"
            context.problems.add(Code.PAGE_005.at(named.place, why=why, object=object_name, target=self._object))
            return None
        if str(node.value) in leading:
            return str(node.value)
        if not context.hidden(object_name, str(node.value)):
            why = f"'{node.value}' does not lead to '{self._object}'"
            context.problems.add(Code.PAGE_005.at(node.place, why=why, object=object_name, target=self._object))
        return None

    def _fields(self, named: Named, object_name: str) -> tuple[str, ...]:
        found = []
        for node in named.node.scalars("fields"):
            text = str(node.value)
            if object_name and not leads_through_hidden(self._context, object_name, text) and follow(self._context, object_name, node, text):
                found.append(text)
        return tuple(found)


def check_pages(context: Context, pages: Mapping[str, Page]) -> None:
    """Report a second page of an object, and a second home page of a role."""
    objects: dict[str, Place] = {}
    homes: dict[str, Place] = {}
    for page in pages.values():
        if page.object in objects:
            context.problems.add(Code.PAGE_001.at(page.place, object=page.object, other=objects[page.object]))
        elif page.object:
            objects[page.object] = page.place
        for role in page.roles:
            if role in homes:
                context.problems.add(Code.PAGE_008.at(page.place, role=role, other=homes[role]))
            homes.setdefault(role, page.place)
