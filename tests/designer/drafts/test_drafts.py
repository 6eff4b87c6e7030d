"""Drafts: kept, undone, worked on by several, brought up to date, published, restored, taken along.

1. Edits are kept; undo and redo walk through them, and what was undone is gone once something else is done.
2. Typing in one file is one step; a text that somebody else changed meanwhile is not overwritten.
3. Twenty edits at once by several people all happen, none is lost (F-21).
4. A draft whose base moved merges what does not touch, and says both places of what does; nothing is lost.
5. Publishing takes `design`, and `grant` where rights change; a designer cannot give herself a right (A-31).
6. The history shows what a release changed; an old release becomes a draft that publishes back to the same bytes.
7. A pack that is taken along passes `carework check`.
"""

from __future__ import annotations

import dataclasses
import io
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from designer.drafts import keeping
from designer.drafts.checking import checked, errors
from designer.drafts.exporting import archive, of_pack
from designer.drafts.keeping import digest
from designer.drafts.publishing import plan, publish
from designer.drafts.releases import changed_files, operations_between, past_releases
from designer.drafts.restoring import back_to
from designer.edits.definitions import ChangeDefinition, SetLabel
from designer.edits.edit import Edit
from designer.edits.elements import AddElement, ChangeElement
from designer.edits.files import CreateFile, ReplaceText
from designer.edits.granting import SetGrant
from designer.edits.primitive import SetValue
from designer.edits.refused import EditRefused
from designer.edits.retiring import RetireElement
from designer.starting import CreateDefinition
from engine.targets.operations import AddColumn
from engine.text import check, read_folder
from runtime.identity.actor import Actor
from runtime.store.errors import Forbidden
from tests.designer.studio import DESIGNER, HEAD, Studio, build
from tests.fixtures.databases import SqliteBackend

PATIENT = {"folder": "objects", "definition": "patient", "pack": "hexin", "section": ("fields",)}
NICKNAME = AddElement(**PATIENT, name="nickname", value={"type": "text", "max": 20, "label": {"en": "Nickname", "zh": "昵称"}})
FILE = "hexin/objects/patient.yaml"


@pytest.fixture
def sqlite_studio(sqlite_backend: SqliteBackend, tmp_path: Path) -> Iterator[Studio]:
    """On one database, for what follows from the files of a draft; how drafts are kept is asked of both."""
    opened = Studio.open(sqlite_backend.prepared("designer-example", build), tmp_path)
    yield opened
    opened.close()


def actor(studio: Studio, person: str) -> Actor:
    """Somebody as the application sees them in a request."""
    found = studio.site.callers.by_session(studio.session(person), studio.store.release(), studio.clock())
    assert found is not None
    return found


def published(studio: Studio, id: str, person: str = HEAD) -> str:
    draft = studio.drafts.find(id)
    assert draft is not None
    done = publish(studio.store, draft, actor(studio, person), new_id=studio.site.new_id, keys=studio.site.keys, request_id="r")
    assert studio.drafts.close(id, person, studio.clock(), state="published", version=draft.version, published=done.hash)
    return done.hash


def test_edits_are_kept_undone_and_done_again(studio: Studio) -> None:
    """Requirement 1."""
    id = studio.draft()
    first = studio.drafts.find(id)
    assert first is not None and first.changed == () and first.pack == "hexin" and errors(first) == 0
    studio.edit(id, NICKNAME)
    after = studio.edit(id, ChangeElement(**PATIENT, name="nickname", changes={"max": 30}))
    assert after.changed == (FILE,) and "max: 30" in after.files[FILE]
    assert [entry.said["zh"] for entry in after.log] == ["在对象“patient”中新增字段“nickname”", "修改对象“patient”的字段“nickname”"]
    studio.drafts.undo(id, HEAD, studio.clock())
    back = studio.drafts.undo(id, HEAD, studio.clock())
    assert back.files == first.files and back.changed == () and back.redoable is not None
    with pytest.raises(EditRefused, match="nothing to undo"):
        studio.drafts.undo(id, HEAD, studio.clock())
    again = studio.drafts.redo(id, HEAD, studio.clock())
    assert "max: 20" in again.files[FILE]
    other = studio.edit(id, SetLabel(folder="objects", definition="patient", pack="hexin", language="en", text="Client"))
    assert other.redoable is None and len(other.log) == 2
    found = studio.drafts.find(id)
    assert found is not None and found.files == other.files


def test_typing_is_one_step_and_never_overwrites(studio: Studio) -> None:
    """Requirement 2; a draft may be broken for a while, and says where."""
    id = studio.draft()
    text = now = studio.drafts.release(studio.store.release().hash)[FILE]
    for piece in ("# a", "# a b", "# a b c"):
        draft = studio.edit(id, ReplaceText(path=FILE, text=f"{piece}\n{text}"), expect={FILE: digest(now)})
        now = draft.files[FILE]
    assert len(draft.log) == 1
    with pytest.raises(EditRefused) as refused:
        studio.edit(id, ReplaceText(path=FILE, text="mine"), expect={FILE: digest(text)})
    assert refused.value.code == "stale"
    broken = studio.edit(id, ReplaceText(path=FILE, text=f"{text}fields: {{"))
    assert {problem.place.file for problem in checked(broken).problems} >= {FILE} and len(broken.log) == 1
    studio.clock.advance(minutes=5)
    assert len(studio.edit(id, ReplaceText(path=FILE, text=f"{text}# later\n")).log) == 2
    studio.drafts.undo(id, HEAD, studio.clock())
    assert studio.drafts.undo(id, HEAD, studio.clock()).files[FILE] == text


def test_several_people_at_once(studio: Studio) -> None:
    """Requirement 3."""
    id = studio.draft()
    gate, faults = threading.Barrier(6), list[BaseException]()

    def work(number: int) -> None:
        gate.wait()
        try:
            for n in range(3):
                field = AddElement(**PATIENT, name=f"f{number}_{n}", value={"type": "integer"})
                studio.drafts.edit(id, field, HEAD if number % 2 else DESIGNER, studio.clock())
        except BaseException as fault:
            faults.append(fault)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    draft = studio.drafts.find(id)
    assert draft is not None
    there = [name for name in draft.layers.elements("objects", "patient", ("fields",)) if name.startswith("f") and "_" in name]
    assert len(draft.log) == len(there) == 18
    assert draft.version == len(there) + 1


def test_a_draft_whose_base_moved(own_studio: Studio) -> None:
    """Requirement 4."""
    mine, theirs, same = own_studio.draft("mine"), own_studio.draft("theirs"), own_studio.draft("same")
    own_studio.edit(mine, NICKNAME)
    own_studio.edit(mine, SetValue(path="core/pack.yaml", at=("label", "en"), value="Base"))
    own_studio.edit(same, SetValue(path="core/choices/sex.yaml", at=("label", "en"), value="Gender"))
    own_studio.edit(theirs, SetValue(path="core/choices/sex.yaml", at=("label", "en"), value="Sex or gender"))
    live = published(own_studio, theirs)
    draft = own_studio.drafts.find(mine)
    assert draft is not None and draft.base != live
    assert not [p for p in plan(own_studio.store, draft).problems if not p.warning]  # merges by itself
    assert own_studio.drafts.bring_up(mine, live, HEAD, own_studio.clock()) == ()
    merged = own_studio.drafts.find(mine)
    assert merged is not None and merged.base == live and "Sex or gender" in merged.files["core/choices/sex.yaml"]
    assert set(merged.changed) == {FILE, "core/pack.yaml"} and merged.log == ()
    problems = own_studio.drafts.bring_up(same, live, HEAD, own_studio.clock())
    assert [problem.code.code for problem in problems] == ["PLAN-011"]
    kept = own_studio.drafts.find(same)
    assert kept is not None and "Gender" in kept.files["core/choices/sex.yaml"] and len(kept.log) == 1


def test_a_designer_cannot_give_herself_a_right(sqlite_studio: Studio) -> None:
    """Requirement 5 (A-31): the same draft is refused to her and taken from somebody who may grant; a plain field she may publish."""
    grab = sqlite_studio.draft("grab")
    sqlite_studio.edit(grab, SetGrant(role="designer", object="patient", action="read", on=True, pack="core"))
    draft = sqlite_studio.drafts.find(grab)
    assert draft is not None
    found = plan(sqlite_studio.store, draft)
    assert found.needs_grant and any("patient" in line for line in found.describe("en"))
    before = sqlite_studio.store.release().hash
    with pytest.raises(Forbidden) as refused:
        published(sqlite_studio, grab, DESIGNER)
    assert refused.value.right == "grant" and sqlite_studio.store.releases.refresh().hash == before
    system_right = sqlite_studio.draft("system")
    sqlite_studio.edit(system_right, SetValue(path="core/roles/designer.yaml", at=("system",), value=["design", "grant"]))
    with pytest.raises(Forbidden):
        published(sqlite_studio, system_right, DESIGNER)
    plain = sqlite_studio.draft("plain")
    sqlite_studio.edit(plain, NICKNAME)
    released = sqlite_studio.drafts.find(plain)
    assert released is not None and any(isinstance(o, AddColumn) for o in plan(sqlite_studio.store, released).operations)
    assert published(sqlite_studio, plain, DESIGNER) == sqlite_studio.store.releases.refresh().hash
    assert "nickname" in sqlite_studio.store.release().model.objects["patient"].fields


def test_history_and_the_way_back(sqlite_studio: Studio) -> None:
    """Requirement 6."""
    first = sqlite_studio.store.release()
    id = sqlite_studio.draft()
    sqlite_studio.edit(id, NICKNAME)
    second = published(sqlite_studio, id)
    found = past_releases(sqlite_studio.store)
    assert {r.hash for r in found} == {first.hash, second} and [r.hash for r in found if r.live] == [second]
    assert next(r for r in found if r.hash == second).base == first.hash
    kept = sqlite_studio.drafts
    [file] = changed_files(kept.release(first.hash), kept.release(second))
    assert file.path == FILE and [line.text for line in file.lines if line.sign == "+"][0].strip().startswith(("nickname", "fields"))
    assert any("nickname" in o.id for o in operations_between(sqlite_studio.store, first.hash, second))
    back = kept.create("back", HEAD, sqlite_studio.clock(), base=second, files=kept.release(first.hash))
    restored = kept.find(back)
    assert restored is not None and restored.as_bytes() == dict(first.files)
    problems = [problem.code.code for problem in plan(sqlite_studio.store, restored).problems if not problem.warning]
    assert problems == ["PLAN-002"]  # a field with data is retired, not dropped: the draft says so before anything happens
    sqlite_studio.edit(back, ReplaceText(path=FILE, text=kept.release(second)[FILE]))
    sqlite_studio.edit(back, RetireElement(**PATIENT, name="nickname"))
    third = published(sqlite_studio, back)
    assert sqlite_studio.store.releases.refresh().hash == third
    assert "nickname" not in sqlite_studio.store.release().model.objects["patient"].fields


def test_the_way_back_keeps_what_holds_data(sqlite_studio: Studio) -> None:
    """Requirement 6: a field, an option, a state, a role and an object with all about it came since; going back is published as it is
    restored, and their data stays. The planted fault is the plain old release, which is refused."""
    studio, first = sqlite_studio, sqlite_studio.store.release()
    id = studio.draft()
    made = {"pack": "hexin", "label": {"en": "Cast removal", "zh": "拆石膏"}}
    for edit in (
        NICKNAME, CreateDefinition(folder="objects", **made), CreateDefinition(folder="workflows", about="cast_removal", **made),
        CreateDefinition(folder="forms", about="cast_removal", **made),
        CreateDefinition(folder="roles", pack="hexin", label={"en": "Plasterer", "zh": "石膏师"}),
        AddElement(folder="choices", definition="member_level", pack="hexin", section=("options",), name="platinum",
                   value={"label": {"en": "Platinum", "zh": "铂金"}}),
        AddElement(folder="workflows", definition="followup_task", pack="hexin", section=("states",), name="parked",
                   value={"label": {"en": "Parked", "zh": "搁置"}, "category": "open"}),
        AddElement(**PATIENT, name="plasterer", value={"type": "link", "to": "cast_removal", "label": {"en": "Cast", "zh": "石膏"}}),
    ):
        studio.edit(id, edit)
    second = published(studio, id)
    kept = studio.drafts
    old, live = kept.release(first.hash), kept.release(second)
    back = kept.create("back", HEAD, studio.clock(), base=second, files=back_to(old, live))
    restored, plain = kept.find(back), kept.find(kept.create("plain", HEAD, studio.clock(), base=second, files=old))
    assert restored is not None and plain is not None
    assert [p.code.code for p in plan(studio.store, plain).problems if not p.warning]
    assert [str(p) for p in plan(studio.store, restored).problems if not p.warning] == []
    published(studio, back)
    model = studio.store.releases.refresh().model
    assert "cast_removal" not in model.objects and "plasterer" not in model.roles
    assert {"nickname", "plasterer"} <= {field.name for field in model.objects["patient"].retired_fields.values()}
    assert model.choices["member_level"].options["platinum"].retired
    third = studio.store.release().hash
    again = kept.create("again", HEAD, studio.clock(), base=third, files=back_to(live, kept.release(third)))
    published(studio, again)
    assert studio.store.releases.refresh().model.objects["patient"].fields["nickname"]


def test_what_somebody_does_while_it_is_published_stays(studio: Studio) -> None:
    """Requirement 2: a draft changed since it was read for publishing stays open with the change; what is put away is not taken for published."""
    id = studio.draft()
    read = studio.edit(id, NICKNAME)
    studio.edit(id, SetLabel(folder="objects", definition="patient", pack="hexin", language="en", text="Person"))
    assert not studio.drafts.close(id, HEAD, studio.clock(), state="published", version=read.version, published="0" * 64)
    still = studio.drafts.find(id)
    assert still is not None and still.open and still.layers.label("objects", "patient", "en") == "Person"
    assert studio.drafts.close(id, HEAD, studio.clock(), state="discarded")
    assert not studio.drafts.close(id, HEAD, studio.clock(), state="published")
    assert [row.id for row in studio.drafts.listed(state="discarded")] == [id]


def test_bringing_up_twice_keeps_the_log(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    """Requirement 4: where nothing was published since, nothing is forgotten; an edit that comes between is merged as well."""
    id, other = studio.draft(), studio.draft()
    studio.edit(id, NICKNAME)
    live = studio.store.release().hash
    assert studio.drafts.bring_up(id, live, HEAD, studio.clock()) == ()
    found = studio.drafts.find(id)
    assert found is not None and len(found.log) == 1
    studio.edit(other, SetLabel(folder="objects", definition="patient", pack="hexin", language="en", text="Person"))
    new = published(studio, other)
    kept, between = keeping.merge_files, [SetLabel(folder="roles", definition="nurse", pack="hexin", language="en", text="Ward nurse")]

    def slow(*given: object) -> object:
        if between:
            studio.edit(id, between.pop())
        return kept(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(keeping, "merge_files", slow)
    assert studio.drafts.bring_up(id, new, HEAD, studio.clock()) == ()
    found = studio.drafts.find(id)
    assert found is not None and found.base == new and not between
    assert found.layers.label("roles", "nurse", "en") == "Ward nurse" and found.layers.label("objects", "patient", "en") == "Person"
    studio.drafts.close(id, HEAD, studio.clock(), state="discarded")
    with pytest.raises(EditRefused, match="closed"):
        studio.drafts.bring_up(id, new, HEAD, studio.clock())


@pytest.mark.parametrize("edit", [
    ChangeDefinition(folder="objects", definition="patient", pack="hexin", changes={"label": {"en": "Pat\u202eient"}}),
    SetValue(path=FILE, at=("label",), value={"en": "Pat\u200bient"}), CreateFile(path="hexin/choices/x.yaml",
               value={"name": "x", "label": "a\u2066b"}),
])
def test_nothing_hidden_gets_in(studio: Studio, edit: Edit) -> None:
    """A-55: by whatever edit it is tried."""
    id = studio.draft()
    with pytest.raises(EditRefused, match="invisible"):
        studio.edit(id, edit)
    found = studio.drafts.find(id)
    assert found is not None and not found.changed


def test_packs_are_taken_along(sqlite_studio: Studio, tmp_path: Path) -> None:
    """Requirement 7; the same files make the same bytes."""
    studio = sqlite_studio
    id = studio.draft()
    draft = studio.edit(id, NICKNAME)
    packed = archive(of_pack(draft.files, "hexin"))
    assert packed == archive(of_pack(draft.files, "hexin"))
    with zipfile.ZipFile(io.BytesIO(packed)) as opened:
        opened.extractall(tmp_path)
    others = tmp_path / "others"
    for path, text in draft.files.items():
        target = others / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.encode())
    found = check(read_folder(tmp_path / "hexin", search=[others]))
    assert found.model is not None, [str(problem) for problem in found.problems]
    assert "nickname" in found.model.objects["patient"].fields


def test_the_log_is_what_undo_believes(studio: Studio) -> None:
    """Requirement 1, the planted fault: a log that does not fit the files is not applied to them."""
    id = studio.draft()
    draft = studio.edit(id, NICKNAME)
    wrong = dataclasses.replace(draft.log[0].patch.splices[0], added="something else")
    with pytest.raises(ValueError, match="not what it was"):
        wrong.reversed().on(draft.files[FILE])
