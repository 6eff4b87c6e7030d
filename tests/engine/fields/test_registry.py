"""What every field type must have, so that a new one cannot be half there."""

import ast
import re
from pathlib import Path

import pytest

from engine.fields import FIELD_TYPES, messages
from engine.fields.base import BadSetting, Locale
from engine.targets.reference import field_reference
from tests.builders import model_of
from tests.engine.samples import SampleLinks, build, choice_set, option

ROOT = Path(__file__).resolve().parents[3]
PART_ONE = {
    "text", "long_text", "integer", "decimal", "boolean", "date", "datetime", "time", "choice", "choices", "link", "phone",
    "email", "id_number", "attachment", "sequence", "state",
}
VALUES = {
    "text": "a b", "long_text": "a\n\tb", "integer": 7, "decimal": "12.50", "boolean": False, "date": "2026-11-22",
    "datetime": "2026-11-22T06:30:15.25Z", "time": "12:30:05", "choice": "visit", "choices": ["smoker", "diabetic"],
    "state": "planned", "link": "0" * 32, "attachment": "f" * 32, "phone": "138 0013 8000", "email": "li@x.cn",
    "id_number": "11010519491231002X", "sequence": "P-2026-0001",
}


def test_the_types_of_the_language_are_there() -> None:
    """Every type that the issue names is registered, each under its own name."""
    assert set(FIELD_TYPES) == PART_ONE
    assert all(kind.name == name for name, kind in FIELD_TYPES.items())


@pytest.mark.parametrize("name", FIELD_TYPES)
def test_example_builds(name: str) -> None:
    """The example in the reference is of this type and can be built."""
    assert FIELD_TYPES[name].example.startswith(f"{{type: {name}")
    assert type(build(FIELD_TYPES[name].example)) is FIELD_TYPES[name]


@pytest.mark.parametrize("name", FIELD_TYPES)
def test_widget_and_test_module_exist(name: str) -> None:
    """Each type has a template that draws its input, and a test module of its family."""
    kind = FIELD_TYPES[name]
    assert (ROOT / "runtime/screens/templates/fields" / f"{kind.widget}.html").is_file()
    assert (Path(__file__).parent / f"test_{kind.__module__.rpartition('.')[2]}.py").is_file()


@pytest.mark.parametrize("name", FIELD_TYPES)
def test_settings_are_described(name: str) -> None:
    """Each setting has a JSON Schema with a description; what must be given is a setting."""
    kind = FIELD_TYPES[name]
    assert all(schema.get("description") for schema in kind.settings.values())
    assert set(kind.needs) <= set(kind.settings)
    assert kind.__doc__ and not kind.__doc__.startswith(f"{kind.__name__}(")


@pytest.mark.parametrize("name", FIELD_TYPES)
def test_values_survive_every_form(name: str) -> None:
    """JSON, typed text and the archive all give a value back as it was; every mask and text is text."""
    kind, locale = build(FIELD_TYPES[name].example), Locale("Asia/Shanghai", "CN", "en")
    value = kind.parse(VALUES[name])
    assert value is not None
    assert kind.dump(value) == (VALUES[name] if name != "datetime" else "2026-11-22T06:30:15.250000Z")
    assert kind.parse(kind.dump(value)) == value
    assert kind.parse_text(kind.input_text(value, locale), locale) == value
    assert kind.unarchive(kind.archive(value)) == value
    assert isinstance(kind.text(value, locale), str)
    assert isinstance(kind.mask(value), str)
    assert str(VALUES[name]) not in kind.mask(value)
    assert len(kind.companions(value, "CN")) == len(kind.columns) - 1


@pytest.mark.parametrize("name", FIELD_TYPES)
def test_nothing_is_none(name: str) -> None:
    """Null, and typed text with nothing in it, are None for every type."""
    kind = build(FIELD_TYPES[name].example)
    assert kind.parse(None) is None
    assert kind.parse_text("", Locale()) is None
    assert kind.parse_text(" \t ", Locale()) is None
    assert kind.input_text(None, Locale()) == ""


def _codes_in(path: Path) -> set[str]:
    """Text arguments of refuse, Invalid, Warned, Refusal and FieldError: the codes a module may give."""
    givers = {"refuse", "Invalid", "Warned", "Refusal", "FieldError"}
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in givers:
                found.add(str(node.args[0].value))
    return found


def test_every_code_has_its_texts_and_no_text_is_idle() -> None:
    """Every code that the fields, payloads and machines give is in the table, and nothing else is."""
    modules = [*(ROOT / "engine/fields").glob("*.py"), *(ROOT / "engine/targets" / m for m in ("payload.py", "machine.py"))]
    given = set().union(*map(_codes_in, modules))
    assert given == set(messages.MESSAGES)


@pytest.mark.parametrize("code", messages.MESSAGES)
def test_texts_are_complete_in_both_languages(code: str) -> None:
    """English and Chinese both say something, with the same words filled in, and Chinese is Chinese."""
    english, chinese = messages.MESSAGES[code]
    words = [set(re.findall(r"\{(\w+)\}", text)) for text in (english, chinese)]
    assert words[0] == words[1]
    assert english.endswith((".", "?")) and chinese.endswith(("。", "\uff1f"))
    assert re.search("[\u4e00-\u9fff]", chinese) and not re.search("[\u4e00-\u9fff]", english)


def test_a_word_with_its_own_languages_is_said_in_each() -> None:
    """A label among the words is said in the language of the text; an unknown language gets English."""
    words = {"transition": option("x", label=None) and (lambda language: {"zh": "开始"}.get(language, "Start"))}
    assert messages.say("reason_required", words, "zh").startswith("“开始”")
    assert messages.say("reason_required", words, "fr") == "“Start” needs a reason."


def test_reference_page_is_fresh() -> None:
    """docs/language/fields.md is what the registry gives now; write it anew with engine.targets.reference."""
    assert (ROOT / "docs/language/fields.md").read_text() == field_reference(FIELD_TYPES)


@pytest.mark.parametrize(("line", "key"), [
    ("{type: integer, min: 3, max: 2}", "min"),
    ("{type: decimal, places: 1, min: 0.55}", "min"),
    ("{type: decimal, places: 2, max: 12345678901234567}", "max"),
    ("{type: decimal, min: 2, max: 1}", "min"),
    ("{type: decimal, min: .inf}", "min"),
    ("{type: choice}", "type"),
    ("{type: choice, of: chanel}", "of"),
    ("{type: choice, of: channel, options: {a: {}}}", "of"),
    ("{type: choices, of: nothing_like_it}", "of"),
    ("{type: link, to: stuff}", "to"),
    ('{type: sequence, pattern: "P-{yyyy}"}', "pattern"),
    ('{type: sequence, pattern: "{00}-{000}"}', "pattern"),
    ('{type: sequence, pattern: "P-{month}-{000}"}', "pattern"),
    ('{type: sequence, pattern: "P-{mm}-{000}"}', "pattern"),
    ('{type: sequence, pattern: "{yyyy}{dd}{000}"}', "pattern"),
    ('{type: sequence, pattern: "P-}{000}"}', "pattern"),
    ('{type: sequence, pattern: " P-{000}"}', "pattern"),
    ('{type: sequence, pattern: "P\\u0007{000}"}', "pattern"),
])
def test_bad_settings_name_their_key_and_a_way_out(line: str, key: str) -> None:
    """What a schema cannot say is refused with the key it is about, why, and what to do."""
    with pytest.raises(BadSetting) as refused:
        build(line)
    assert refused.value.key == key
    assert refused.value.why and refused.value.fix


def test_suggestions_for_settings() -> None:
    """A misspelt object or choice set is answered with the one that was meant."""
    with pytest.raises(BadSetting, match="Did you mean 'staff'"):
        build("{type: link, to: stuff}")
    with pytest.raises(BadSetting, match="Did you mean 'channel'"):
        build("{type: choice, of: chanel}")


def test_state_needs_a_workflow() -> None:
    """A field of type state cannot stand without the workflow that made it."""
    with pytest.raises(BadSetting):
        FIELD_TYPES["state"].build({}, SampleLinks())
    assert FIELD_TYPES["state"].build({}, SampleLinks(choice_set(option("a")))).writable is False


@pytest.mark.parametrize(("wide", "narrow", "value"), [
    ("{type: text, max: 9}", "{type: text, max: 2}", "abc"), ("{type: integer}", "{type: integer, max: 1}", 7),
    ("{type: decimal, places: 3}", "{type: decimal, places: 1, max: 1}", "2.125"),
])
def test_archived_values_come_back_under_tighter_settings(wide: str, narrow: str, value: object) -> None:
    """Undoing a delete gives the row back even when a release since then would refuse its values."""
    before = build(wide).parse(value)
    assert build(narrow).unarchive(build(wide).archive(before)) == before


def test_every_example_compiles() -> None:
    """An object made of the examples of the reference compiles into fields of those types."""
    examples = {name: kind.example for name, kind in FIELD_TYPES.items() if name != "state"}
    lines = "".join(f"  f_{name}: {example}\n" for name, example in examples.items())
    workflow = "object: sample\nfield: f_state\ninitial: a\nstates: {a: {}, b: {}}\ntransitions: {go: {from: a, to: b}}\n"
    model = model_of({
        "base/objects/sample.yaml": f"name: sample\nbelongs_to: clinic\nfields:\n{lines}", "base/workflows/sample.yaml": workflow})
    fields = model.objects["sample"].fields
    assert {name: type(fields[f"f_{name}"].type) for name in FIELD_TYPES} == dict(FIELD_TYPES)
    assert {name for name in FIELD_TYPES if fields[f"f_{name}"].restricted} == {"phone", "email", "id_number"}
