"""Forms of the real screens over the chain.

1. A form offers what its reader may write; masked fields stand fixed, hidden ones are not there; tampering does not help.
2. What is wrong stands beside its field and on top, and everything typed is kept (422); a doubt is said after saving.
3. Saving sends what was touched alone; an option that is no longer offered survives a save that does not touch it.
4. The link picker works without scripts: by a title, by choice among several, with words when nothing fits.
5. Somebody else saved first: mine and theirs side by side, and each choice takes effect.
6. A publish between reading and saving: the form comes again, what was typed is kept, fields that are gone are listed.
7. Files go up with the form, survive an error elsewhere on it, come down again, and can be taken away.
8. A new record goes to a clinic that its maker may choose; who may not make one gets no form.
"""

import io
from collections.abc import Callable

from tests.runtime.api.world import FILES, SOUTH, Web
from tests.runtime.screens.surfing import Surfer

Surf = Callable[..., Surfer]
PATIENT = "base/objects/patient.yaml"


def publish(web: Web, *changes: tuple[str, str]) -> None:
    """Publish the chain with pieces of the patient's file replaced."""
    file = FILES[PATIENT]
    for old, new in changes:
        assert old in file
        file = file.replace(old, new)
    web.publish({PATIENT: file})


def test_the_form_follows_the_reader(web: Web, surf: Surf) -> None:
    """Requirement 1."""
    patient = web.patient(name="Mode", phone="13812345678", born="1980-05-06")
    path = f"/o/patient/{patient}/edit"
    nurse, desk = surf("nurse").get(path), surf("desk").get(path)
    assert 'name="phone"' in nurse.html
    assert 'name="phone"' not in desk.html
    assert "138" in desk.text
    assert "13812345678" not in desk.html
    assert 'name="born"' not in desk.html
    assert 'name="number"' not in nurse.html
    surf("desk").fill(path, phone="1", born="2000-01-01", wages="1")
    again = surf("nurse").get(f"/o/patient/{patient}")
    assert "13812345678" in again.text
    assert "1980-05-06" in again.text


def test_errors_keep_what_was_typed(web: Web, surf: Surf) -> None:
    """Requirement 2."""
    patient = web.patient(name="Err")
    path = f"/o/patient/{patient}/edit"
    nurse = surf("nurse")
    refused = nurse.fill(path, name="", born="31 February", card="kept <card>")
    assert refused.status == 422
    assert 'href="#f-name"' in refused.html
    assert 'href="#f-born"' in refused.html
    assert 'value="31 February"' in refused.html
    assert 'value="kept &lt;card&gt;"' in refused.html
    assert 'id="f-born-error"' in refused.html
    saved = nurse.send(path, refused.form(path), name="Fixed", born="1999-12-31")
    assert saved.status == 303
    assert "kept <card>" in nurse.get(f"/o/patient/{patient}").text


def test_a_doubt_is_said_after_saving(web: Web, surf: Surf) -> None:
    """Requirement 2: a phone that is none is kept as typed."""
    patient = web.patient(name="Doubt")
    nurse = surf("nurse")
    assert nurse.fill(f"/o/patient/{patient}/edit", phone="12").status == 303
    page = nurse.get(f"/o/patient/{patient}")
    assert "flash-warning" in page.html
    assert "Phone:" in page.text
    assert "flash-warning" not in nurse.get(f"/o/patient/{patient}").html


def test_untouched_values_are_not_sent(web: Web, surf: Surf) -> None:
    """Requirement 3: saving a form as it came changes nothing and makes no version."""
    patient = web.patient(name="Same", sex="female", born="1980-05-06", card="c-1")
    nurse = surf("nurse")
    assert nurse.fill(f"/o/patient/{patient}/edit").status == 303
    page = nurse.get(f"/o/patient/{patient}")
    assert "Nothing was changed." in page.text
    assert dict(nurse.get(f"/o/patient/{patient}/edit").form(f"/o/patient/{patient}/edit"))["_version"] == "1"


def test_a_retired_option_survives(own_web: Web) -> None:
    """Requirement 3."""
    patient = own_web.patient(name="Retired", sex="male")
    own_web.publish({"base/choices/sex.yaml":
                     "name: sex\noptions:\n  male: {label: {en: Male}, retired: true}\n  female: {label: {en: Female}}\n"})
    nurse = Surfer.of(own_web, "nurse")
    path = f"/o/patient/{patient}/edit"
    page = nurse.get(path)
    assert ("sex", "male") in page.form(path)
    assert nurse.send(path, page.form(path), card="x-1").status == 303
    assert "Male" in nurse.get(f"/o/patient/{patient}").text


def test_the_picker_without_scripts(web: Web, surf: Surf) -> None:
    """Requirement 4."""
    for name in ("Twin A", "Twin A", "Solo"):
        web.patient(name=name)
    nurse = surf("nurse")
    path = "/o/visit/new"
    form = nurse.get(path).form(path)
    nothing = nurse.send(path, form, **{"patient.text": "Nobody At All", "kind": "k"})
    assert nothing.status == 422
    assert 'value="Nobody At All"' in nothing.html
    several = nurse.send(path, form, **{"patient.text": "Twin A", "kind": "two of them"})
    assert several.status == 422
    assert several.html.count('type="radio" id="f-patient-') == 2
    assert "two of them" in several.html
    chosen = [value for tag, found in several.read.tags if tag == "input" and found.get("name") == "patient" for value in [found["value"]]]
    assert nurse.send(path, several.form(path), patient=chosen[0]).status == 303
    assert nurse.send(path, form, **{"patient.text": "Solo", "kind": "by title"}).status == 303


def test_conflict_mine_and_theirs(web: Web, surf: Surf) -> None:
    """Requirement 5."""
    patient = web.patient(name="Clash", phone="13800000001", card="c-0")
    nurse, manager = surf("nurse"), surf("manager")
    path = f"/o/patient/{patient}/edit"
    form = nurse.get(path).form(path)
    manager.fill(path, phone="13800000002", card="c-theirs", born="1990-01-01")
    clash = nurse.send(path, form, phone="13800000003", card="c-mine", sex="female")
    assert clash.status == 409
    assert "Manager saved this record" in clash.text
    for text in ("13800000001", "13800000002", "13800000003", "c-theirs", "c-mine", "1990-01-01", "Female"):
        assert text in clash.text
    saved = nurse.send(path, clash.form(path), **{"phone.side": "mine", "card.side": "theirs"})
    assert saved.status == 303
    page = nurse.get(f"/o/patient/{patient}").text
    facts = page[page.index("Basics" if "Basics" in page else "Clash"):page.index("History")]
    assert "13800000003" in facts
    assert "c-theirs" in facts
    assert "Female" in facts
    assert "1990-01-01" in facts
    assert "c-mine" not in page


def test_a_deleted_record_keeps_what_was_typed(web: Web, surf: Surf) -> None:
    """Requirement 5."""
    patient = web.patient(name="Vanishes")
    nurse, manager = surf("nurse"), surf("manager")
    path = f"/o/patient/{patient}/edit"
    form = nurse.get(path).form(path)
    manager.send(f"/o/patient/{patient}/delete")
    gone = nurse.send(path, form, card="typed in vain")
    assert gone.status == 404
    assert "typed in vain" in gone.text


def test_a_publish_between_reading_and_saving(own_web: Web) -> None:
    """Requirement 6: the field `card` is gone; nothing is saved before the person has seen it."""
    patient = own_web.patient(name="Fence")
    nurse = Surfer.of(own_web, "nurse")
    path = f"/o/patient/{patient}/edit"
    form = nurse.get(path).form(path)
    retired = "  card: {type: text, max: 20, retired: true, label: {en: Card no}}"
    publish(own_web, ("  card: {type: text, max: 20}", retired), ("unique:\n  by_card: [card]\n", ""))
    again = nurse.send(path, form, card="C-99", name="Fence Two")
    assert again.status == 409
    assert "The form was changed while you were filling it in." in again.text
    assert "C-99" in again.text
    assert 'value="Fence Two"' in again.html
    assert "Fence Two" not in nurse.get(f"/o/patient/{patient}").text
    assert nurse.send(path, again.form(path)).status == 303
    assert "Fence Two" in nurse.get(f"/o/patient/{patient}").text


def test_a_field_that_changed_its_meaning(own_web: Web) -> None:
    """Requirement 6: the fence stops what was typed under the old definition."""
    patient = own_web.patient(name="Meaning")
    nurse = Surfer.of(own_web, "nurse")
    path = f"/o/patient/{patient}/edit"
    form = nurse.get(path).form(path)
    publish(own_web, ("card: {type: text, max: 20}", "card: {type: text, max: 5}"))
    again = nurse.send(path, form, card="1234567890")
    assert again.status == 409
    assert "Changed: Card." in again.text
    assert 'value="1234567890"' in again.html
    assert nurse.send(path, again.form(path)).status == 422
    assert nurse.send(path, again.form(path), card="123").status == 303


def test_a_publish_shows_without_a_restart(own_web: Web) -> None:
    """A field that is added stands in form, list and record with the next request."""
    nurse = Surfer.of(own_web, "nurse")
    patient = own_web.patient(name="Was There Before")
    assert "Shoe size" not in nurse.get("/o/patient/new").text
    publish(own_web, ("  card:", "  shoe: {type: integer, label: {en: Shoe size, zh: 鞋码}}\n  card:"))
    own_web.store.releases.refresh()  # other processes look within half a second
    made = nurse.fill("/o/patient/new", name="Big Foot", shoe="49")
    assert "Shoe size 49" in nurse.get(made.location).text
    assert "Shoe size" in nurse.get(f"/o/patient/{patient}").text
    assert "Was There Before" in nurse.get("/o/patient").text


def test_files_up_down_and_away(web: Web, surf: Surf) -> None:
    """Requirement 7."""
    nurse = surf("nurse")
    path = "/o/patient/new"
    upload = (io.BytesIO(b"just a note"), "Befund \"1\".txt")
    refused = nurse.fill(path, name="", photo=upload)
    assert refused.status == 422
    made = nurse.send(path, refused.form(path), name="With File")
    assert made.status == 303
    record = made.location
    assert "Befund" in nurse.get(record).text
    down = nurse.client.get(f"{record}/files/photo")
    assert down.data == b"just a note"
    assert down.headers["Content-Disposition"].startswith("attachment")
    assert surf("elsewhere").client.get(f"{record}/files/photo").status_code == 404
    assert nurse.fill(f"{record}/edit", card="f-1").status == 303
    assert "Befund" in nurse.get(record).text
    nurse.fill(f"{record}/edit", **{"photo.remove": "true"})
    assert nurse.client.get(f"{record}/files/photo").status_code == 404


def test_a_new_record_in_a_chosen_clinic(web: Web, surf: Surf) -> None:
    """Requirement 8: whoever may make records in one clinic alone is not asked; what she makes is not seen elsewhere."""
    nurse = surf("nurse")
    assert 'name="_clinic"' not in nurse.get("/o/patient/new").html
    made = nurse.fill("/o/patient/new", name="Northern")
    assert surf("elsewhere").get(made.location).status == 404
    assert nurse.fill("/o/patient/new", name="Forced", _clinic=SOUTH).status == 422
    assert surf("desk").get("/o/patient/new").status == 404
    assert surf("desk").send("/o/patient/new", None, name="x").status == 404
