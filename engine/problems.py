"""Every message the compiler can give: one member per problem code, each with what, why and what to do."""

from __future__ import annotations

import dataclasses
import enum
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence

from rapidfuzz import fuzz, process

from engine.problems_zh import said_in_chinese

__all__ = ["Code", "Place", "Problem", "Problems", "circle", "suggest"]


@dataclasses.dataclass(frozen=True, slots=True, order=True)
class Place:
    """A position in a definition file; line and column count from 1, file is relative to the folder that was read."""

    file: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class Code(enum.Enum):
    """A stable code with the template of its message and of its way out. Wording may improve, codes never change."""

    # FILE: the folder that is read
    FILE_001 = ("FILE-001", "'{path}' holds no pack.yaml and no organisation.yaml.", "give the folder of a pack or of an organisation")
    FILE_002 = ("FILE-002", "'{path}' is a link that leads out of the folder.", "put the file itself in the folder")
    FILE_003 = ("FILE-003", "the folder holds more than {limit} files.", "keep only definitions in it")
    FILE_004 = ("FILE-004", "'{folder}' is not the folder of a kind of definition.{suggestion}", "use one of: {known}")
    FILE_005 = ("FILE-005", "'{name}' is neither YAML nor JSON by its ending.", "end its name in .yaml, .yml or .json, or move it away")
    FILE_006 = ("FILE-006", "the file cannot be read: {why}.", "make it readable")
    FILE_007 = ("FILE-007", "the file has {size} bytes, more than {limit}.", "split it into several files")
    FILE_008 = ("FILE-008", "a file of definitions stands in the folder of its kind, not here.", "move it to {wanted}")
    # TEXT: characters, YAML and JSON
    TEXT_001 = ("TEXT-001", "this cannot be read as YAML: {why}.", "correct the YAML at this place")
    TEXT_002 = ("TEXT-002", "this cannot be read as JSON: {why}.", "correct the JSON at this place")
    TEXT_003 = ("TEXT-003", "the file is not UTF-8: byte 0x{byte} does not belong there.", "save it as UTF-8")
    TEXT_004 = ("TEXT-004", "the file begins with a byte order mark ({encoding}).", "save it as UTF-8 without a byte order mark")
    TEXT_005 = ("TEXT-005", "the character {character} is not allowed in a definition.", "remove it")
    TEXT_006 = ("TEXT-006", "a tab stands here.", "indent with spaces, and write \\t between double quotes where a text needs a tab")
    TEXT_007 = ("TEXT-007", "the anchor '&{name}' is not part of the language.", "write the value out where it is needed")
    TEXT_008 = ("TEXT-008", "the alias '*{name}' is not part of the language.",
                  "write the value out; put a text that begins with * in quotes")
    TEXT_009 = ("TEXT-009", "the tag '{tag}' is not part of the language.", "remove it; put a text that begins with ! in quotes")
    TEXT_010 = ("TEXT-010", "the merge key '<<' is not part of the language.", "write the keys out")
    TEXT_011 = ("TEXT-011", "the key '{key}' stands twice; the first is at {other}.", "remove one of the two")
    TEXT_012 = ("TEXT-012", "the file holds more than one document.", "put each document in a file of its own")
    TEXT_013 = ("TEXT-013", "this is nested more than {limit} levels deep.", "make it flatter")
    TEXT_014 = ("TEXT-014", "the file holds more than {limit} values.", "split it into several files")
    TEXT_015 = ("TEXT-015", "'{text}' is not a number that a definition can use.", "write a finite number of at most {digits} digits")
    TEXT_016 = ("TEXT-016", "a key must be a plain text.", "write a name before the colon")
    TEXT_017 = ("TEXT-017", "the file is empty.", "write the definition, or delete the file")
    TEXT_018 = ("TEXT-018", "the directive '{text}' is not part of the language.", "remove the line")
    # SHAPE: keys and values of one file
    SHAPE_001 = ("SHAPE-001", "'{key}' is not a key of {owner}.{suggestion}", "use one of: {known}")
    SHAPE_002 = ("SHAPE-002", "{found} stands here, but {wanted} is needed.", "write {wanted}")
    SHAPE_003 = ("SHAPE-003", "the key '{key}' is missing in {owner}.", "add '{key}:'")
    SHAPE_004 = ("SHAPE-004", "{found} is not possible here.{suggestion}", "use one of: {known}")
    SHAPE_005 = ("SHAPE-005", "{found} is out of range.", "write {wanted}")
    SHAPE_006 = ("SHAPE-006", "this has {found}, but {wanted} is allowed.", "write {wanted}")
    SHAPE_007 = ("SHAPE-007", "{found} does not have the form that is needed here.", "write a text that fits {pattern}")
    SHAPE_008 = ("SHAPE-008", "{found} stands twice in the list.", "remove one of the two")
    SHAPE_009 = ("SHAPE-009", "'{one}' and '{other}' exclude each other.", "keep one of the two")
    # NAME: names, ids and layers
    NAME_001 = ("NAME-001", "'{name}' is not a name.", "use lower case letters a to z, digits and _, first a letter, at most 41 characters")
    NAME_002 = ("NAME-002", "the name '{name}' is reserved: {why}.", "choose another name")
    NAME_003 = ("NAME-003", "the pack '{pack}' defines {kind} '{name}', which the pack '{owner}' defines already at {other}.",
                "rename one of the two, or override it without claiming it")
    NAME_004 = ("NAME-004", "{kind} '{name}' is defined already at {other}.", "rename one of the two")
    NAME_005 = ("NAME-005", "the id '{id}' belongs to another {kind}, at {other}.", "give this one a new id, e.g. id: \"{id}_2\"")
    NAME_006 = ("NAME-006", "'{id}' cannot be the id of this {kind}.", "write {wanted}")
    NAME_007 = ("NAME-007", "'{key}' stands in the pack '{pack}', but {kind} '{name}' belongs to the pack '{owner}'.",
                "change it in the pack that owns it; another pack can only override or hide it")
    NAME_008 = ("NAME-008", "'{name}' is a former name of the {kind} '{current}'.", "write '{current}'")
    NAME_009 = ("NAME-009", "there is no '{name}' beside '{owner}' to come after.{suggestion}", "name an element of the same map")
    NAME_010 = ("NAME-010", "'{name}' comes after itself by way of {path}.", "remove one 'after'")
    NAME_011 = ("NAME-011", "the {kind} '{name}' is {why} at {other}.", "use another one, or remove this mention")
    # PACK: packs, requirements, the organisation
    PACK_001 = ("PACK-001", "the required pack '{name}' is not found.{suggestion}", "put it beside this folder")
    PACK_002 = ("PACK-002", "the pack '{name}' is here in version {found}, but {wanted} is required.", "update the pack or the requirement")
    PACK_003 = ("PACK-003", "the packs require each other in a circle: {path}.", "remove one of the requirements")
    PACK_004 = ("PACK-004", "'{text}' is not a version specification.", "write for example \">=1.0\" or \">=1.0, <2\"")
    PACK_005 = ("PACK-005", "the pack is written in version {found} of the language.", "write language: 1")
    PACK_006 = ("PACK-006", "the folder '{folder}' holds the pack '{name}'.", "give folder and pack the same name")
    PACK_007 = ("PACK-007", "the pack '{pack}' does not require the pack '{owner}' that it extends.", "add it to 'requires' in pack.yaml")
    PACK_008 = ("PACK-008", "the pack '{pack}' requires '{name}', which stands after it in the layers.", "list '{name}' before '{pack}'")
    PACK_009 = ("PACK-009", "there is no {kind} '{name}' to extend.{suggestion}", "write <pack>:<name> of an element of another pack")
    PACK_010 = ("PACK-010", "the pack '{pack}' requires '{name}', which the organisation does not list.",
                  "add '{name}' to 'packs' before '{pack}'")
    PACK_011 = ("PACK-011", "'{zone}' is not a time zone.{suggestion}", "write a name of the IANA database, e.g. Asia/Shanghai")
    PACK_012 = ("PACK-012", "'{country}' is not a country.", "write its two letters of ISO 3166, e.g. CN")
    PACK_013 = ("PACK-013", "'{day}' is not a day.", "write it as 2026-10-01")
    PACK_014 = ("PACK-014", "the hours '{text}' cannot be read: {why}.", "write for example mon-fri: \"08:30-12:00, 13:30-17:30\"")
    # OBJECT: objects
    OBJECT_001 = ("OBJECT-001", "there is no object '{name}'.{suggestion}", "name an object of this pack or of a pack it requires")
    OBJECT_002 = ("OBJECT-002", "the object '{name}' has {key}: true, as has the object '{rival}' at {other}.", "keep it on one object")
    OBJECT_003 = ("OBJECT-003", "'{name}' is not a link, so rows cannot belong to a clinic by way of it.", "name a field of type link")
    OBJECT_004 = ("OBJECT-004", "the objects belong to each other in a circle: {path}.", "let one of them belong to a clinic itself")
    OBJECT_005 = ("OBJECT-005", "the path '{path}' does not lead to the object '{wanted}' of subjects, but to '{found}'.",
                  "write links up to it")
    OBJECT_006 = ("OBJECT-006", "the title has a brace without its partner.", "write {{path}} in pairs, at most one level deep")
    OBJECT_007 = ("OBJECT-007", "the titles of objects contain each other in a circle: {path}.", "leave one of the links out of a title")
    OBJECT_008 = ("OBJECT-008", "'{name}' cannot be '{key}' of the roster: {why}.", "name a link field of this object")
    OBJECT_009 = ("OBJECT-009", "'{name}' cannot stand in {what}: {why}.", "leave it out")
    OBJECT_010 = ("OBJECT-010", "rows of the object '{name}' have no clinic of their own.", "write scope: organisation")
    OBJECT_011 = ("OBJECT-011", "the object '{name}' has no field.", "give it at least one")
    OBJECT_012 = ("OBJECT-012", "'{name}' cannot be '{key}' of 'task': {why}.", "name a field of type {wanted} that people fill")
    # FIELD: fields
    FIELD_001 = ("FIELD-001", "the object '{object}' has no field '{name}'.{suggestion}", "name one of its fields, or add it")
    FIELD_002 = ("FIELD-002", "field '{field}' has type '{type}', which does not exist.{suggestion}", "use one of: {known}")
    FIELD_003 = ("FIELD-003", "field '{field}' has no type.", "add 'type:', or name a field of the extended object")
    FIELD_004 = ("FIELD-004", "'{key}' of field '{field}' cannot be used: {why}.", "{fix}")
    FIELD_005 = ("FIELD-005", "the default of field '{field}' is refused ({code}).", "write a value that the field itself would accept")
    FIELD_006 = ("FIELD-006", "'{key}' cannot stand on the computed field '{field}'.", "remove it, or remove 'formula'")
    FIELD_007 = ("FIELD-007", "the formulas need each other in a circle: {path}.", "take one of the fields out of a formula")
    FIELD_008 = ("FIELD-008", "'{name}' is not a link, so the path cannot go on to '{next}'.", "end the path here, or use a link")
    FIELD_009 = ("FIELD-009", "the path '{path}' follows more than {limit} links.", "shorten it")
    FIELD_010 = ("FIELD-010", "'{key}' cannot stand on field '{field}' of type {type}.", "remove it")
    FIELD_011 = ("FIELD-011", "field '{field}' is required, so a deleted record cannot clear it.", "write on_delete: restrict or cascade")
    FIELD_012 = ("FIELD-012", "field '{field}' of type state belongs to a workflow, but none names it.",
                  "add workflows/{object}.yaml with field: {field}")
    FIELD_013 = ("FIELD-013", "records belong to a clinic through '{field}', so a deleted record cannot clear it.",
                  "write on_delete: restrict or cascade")
    FIELD_014 = ("FIELD-014", "'stored' stands on the field '{field}', which is not computed.", "remove it, or add 'formula'")
    FIELD_015 = ("FIELD-015", "the stored formula '{field}' reads {what}, {why}.",
                  "read fields, links and child rows alone, or leave 'stored' out")
    FIELD_016 = ("FIELD-016", "the inverse '{name}' of the link '{field}' is taken on '{object}': {taken} at {other}.", "choose another name")
    FIELD_017 = ("FIELD-017", "the default of '{field}' reads '{path}', which a new record does not have yet.", "read user, today and now alone")
    # CHOICE: choice sets
    CHOICE_001 = ("CHOICE-001", "there is no choice set '{name}'.{suggestion}", "name a choice set, or write options: here")
    CHOICE_002 = ("CHOICE-002", "the choice set '{name}' has no option.", "give it at least one")
    # FORM: forms
    FORM_001 = ("FORM-001", "the object '{object}' has another default form at {other}.", "keep default: true on one of them")
    FORM_002 = ("FORM-002", "nobody types into field '{field}': {why}.", "add read_only: true, or leave it out")
    FORM_003 = ("FORM-003", "field '{field}' stands on the form already, at {other}.", "remove one of the two")
    FORM_004 = ("FORM-004", "there is no form '{name}'.{suggestion}", "name a form of this object")
    FORM_005 = ("FORM-005", "the item '{name}' is required and read only.", "keep one of the two")
    FORM_006 = ("FORM-006", "whether '{name}' is shown or fixed depends on itself: {path}.", "drop one of these conditions")
    FORM_007 = ("FORM-007", "the item '{name}' is a {what}, and no {what} has '{key}'.", "leave '{key}' out")
    FORM_008 = ("FORM-008", "no link of another object gives its rows the name '{name}' on '{object}'.{suggestion}",
                "name an inverse of this object, or give the link an inverse")
    FORM_009 = ("FORM-009", "'{field}' of '{object}' cannot keep the order of the rows: {why}.", "name an integer field that can be typed into")
    FORM_010 = ("FORM-010", "every record needs a value of '{field}', so this form cannot {what} it.",
                "leave the condition out, give the field a default, or do not require it in the object")
    FORM_011 = ("FORM-011", "the rows of '{name}' are at least {min} and at most {max}.", "write a max that is not below min")
    # VIEW: list views
    VIEW_001 = ("VIEW-001", "the object '{object}' has another default {kind} at {other}.", "keep default: true on one of them")
    VIEW_002 = ("VIEW-002", "a list cannot be sorted by '{path}', which is of type {type}.", "sort by another field")
    VIEW_003 = ("VIEW-003", "the list '{name}' has no column.", "give it at least one")
    VIEW_004 = ("VIEW-004", "'{field}' cannot be a quick filter: {why}.", "leave it out")
    VIEW_005 = ("VIEW-005", "'{key}' says nothing in a view of kind {kind}.", "leave it out, or write another 'kind:'")
    VIEW_006 = ("VIEW-006", "a board needs states, and '{object}' has no workflow.", "give the object a workflow, or write kind: list")
    VIEW_007 = ("VIEW-007", "the calendar '{name}' does not say when its records begin.", "add 'start:' with a field that holds a date or an instant")
    VIEW_008 = ("VIEW-008", "'{key}: {field}' does not fit: the field is of type {type}.", "name a field that is {wanted}")
    # PAGE: pages of panels
    PAGE_001 = ("PAGE-001", "the object '{object}' has another page at {other}.", "extend that one")
    PAGE_002 = ("PAGE-002", "a panel of kind {kind} does not stand on {page}.", "use one of: {known}")
    PAGE_003 = ("PAGE-003", "there is no role '{name}'.{suggestion}", "name a role")
    PAGE_004 = ("PAGE-004", "'{key}' says nothing on {page}.", "leave it out")
    PAGE_005 = ("PAGE-005", "{why}.", "name in 'link:' a field of '{object}' that leads to '{target}'")
    PAGE_006 = ("PAGE-006", "there is no view '{name}'.{suggestion}", "name a view")
    PAGE_007 = ("PAGE-007", "the panel '{name}' does not say whose records it shows.", "add 'object:' or 'view:'")
    PAGE_008 = ("PAGE-008", "the role '{role}' has another home page at {other}.", "take the role away from one of them")
    # FLOW: workflows
    FLOW_001 = ("FLOW-001", "there is no state '{name}' in the workflow of '{object}'.{suggestion}", "use one of: {known}")
    FLOW_002 = ("FLOW-002", "nothing leads to the state '{name}'.", "add a transition to it, or remove it")
    FLOW_003 = ("FLOW-003", "the object '{object}' has a workflow already, at {other}.", "extend that one")
    FLOW_004 = ("FLOW-004", "the object '{object}' has a field '{name}' already, at {other}.", "give the workflow's field another name")
    FLOW_005 = ("FLOW-005", "the form '{form}' is over the object '{found}', but the workflow is of '{object}'.",
                  "ask with a form of '{object}'")
    FLOW_006 = ("FLOW-006", "the workflow of '{object}' has no state.", "give it at least one")
    FLOW_007 = ("FLOW-007", "the workflow of '{object}' has no transition '{name}'.{suggestion}", "use one of: {known}")
    FLOW_008 = ("FLOW-008", "'{path}' leads to no record: '{name}' is not a link.", "write links with points between them")
    FLOW_009 = ("FLOW-009", "'{field}' cannot be set here: {why}.", "leave it out")
    FLOW_010 = ("FLOW-010", "the transition '{name}' asks people for a reason, so nothing can fire it by itself.",
                  "make its reason optional, or fire another one")
    FLOW_011 = ("FLOW-011", "the new record of '{object}' gets no value for '{field}', which is required.", "add it to 'values:'")
    FLOW_012 = ("FLOW-012", "nobody can be assigned to a record of '{object}': it has no assignee.",
                  "add 'task: {{due: …, assignee: …}}' to the object")
    FLOW_013 = ("FLOW-013", "records of '{object}' cannot be told anything.",
                  "lead to people who sign in, or add 'contact:' to the object")
    FLOW_014 = ("FLOW-014", "the transition '{name}' does not leave the state '{state}'.", "fire one that does, or add the state to its 'from:'")
    FLOW_015 = ("FLOW-015", "this gives {found}, but a timer needs a date or an instant.", "write when, e.g. due + days(2)")
    FLOW_016 = ("FLOW-016", "a timer cannot wait for '{path}': {why}.", "compute its time from fields of the record itself")
    FLOW_017 = ("FLOW-017", "'{name}' fires itself again without a condition, by way of {path}.", "give one of them a condition")
    FLOW_018 = ("FLOW-018", "the {kind} '{name}' is about records of '{found}', but this is one of '{object}'.",
                  "name another one, or lead to such a record with 'on:'")
    FLOW_019 = ("FLOW-019", "the object '{object}' is about no patient, or about several, so that 'subject' leads nowhere.",
                  "write the links to the patient")
    # ROLE: roles
    ROLE_001 = ("ROLE-001", "'{name}' is not an action on '{object}'.{suggestion}", "use one of: {known}")
    ROLE_002 = ("ROLE-002", "field '{field}' stands both in '{one}' and in '{other}'.", "keep it in one of the two")
    ROLE_003 = ("ROLE-003", "the denial '{name}' denies nothing.", "add 'can:', 'mask:' or 'hide:'")
    # DATA: records of a pack
    DATA_001 = ("DATA-001", "the key field '{field}' has no value here.", "give the record a value for it")
    DATA_002 = ("DATA-002", "the record at {other} has the same key.", "change one of the two, or leave one out")
    DATA_003 = ("DATA-003", "the value of '{field}' is refused ({code}).", "write a value that the field accepts")
    DATA_004 = ("DATA-004", "there is no record '{name}'.{suggestion}", "write <data set>.<record>")
    DATA_005 = ("DATA-005", "field '{field}' cannot be set: {why}.", "leave it out")
    DATA_006 = ("DATA-006", "the required field '{field}' has no value here.", "give the record a value for it")
    DATA_007 = ("DATA-007", "the record '{name}' is of the object '{found}', but field '{field}' links to '{wanted}'.",
                  "name a record of '{wanted}'")
    # TABLE: decision tables and scores
    TABLE_001 = ("TABLE-001", "there is a function '{name}' already{other}.", "choose another name")
    TABLE_002 = ("TABLE-002", "'{name}' is not an input of '{owner}'.{suggestion}", "name one of its inputs, or add it")
    TABLE_003 = ("TABLE-003", "'{name}' is not an output of '{owner}'.{suggestion}", "name one of its outputs, or add it")
    TABLE_004 = ("TABLE-004", "the rule gives no value for the output '{output}'.", "add it under 'then'")
    TABLE_005 = ("TABLE-005", "the value of the output '{name}' is refused ({code}).", "write a value that a field of its type accepts")
    TABLE_006 = ("TABLE-006", "hit: {hit} cannot work here: {why}.", "change the outputs, or choose another hit policy")
    TABLE_007 = ("TABLE-007", "'{name}' never counts, because what comes before it matches all it would.",
                 "move it up, narrow what comes before, or remove it")
    TABLE_008 = ("TABLE-008", "the rules '{other}' and '{name}' both match {case}; with hit: {hit} the result is null then.",
                 "narrow one of them, or choose another hit policy")
    TABLE_009 = ("TABLE-009", "'{name}' gives nothing for {case}.", "cover it, or add a default")
    TABLE_010 = ("TABLE-010", "the tables call each other in a circle: {path}.", "take one of the calls out")
    TABLE_011 = ("TABLE-011", "the table '{name}' comes to more than {limit}.", "split it into two tables, one of which calls the other")
    TABLE_012 = ("TABLE-012", "'{text}' cannot be read: {why}.", "write for example > 7, 18..65, in [1, 2], a value, or - for any")
    TABLE_013 = ("TABLE-013", "the bands '{other}' and '{name}' share points.", "let one end where the next begins")
    TABLE_014 = ("TABLE-014", "the item '{item}' has no points for {case}.", "add the answer to 'points', with 0 if it does not count")
    TABLE_015 = ("TABLE-015", "the input '{name}' cannot be used: {why}.", "{fix}")
    TABLE_016 = ("TABLE-016", "{what} cannot be used: {why}.", "correct it")
    TABLE_017 = ("TABLE-017", "the input '{input}' of '{name}' takes {wanted}, not {found}.", "give it a value of that type")
    TABLE_018 = ("TABLE-018", "the table '{name}' has several outputs.", "name the outputs: {outputs}")
    TABLE_019 = ("TABLE-019", "the table '{name}' reads records of '{on}', not those of this place.", "call it in expressions of '{on}'")
    TABLE_020 = ("TABLE-020", "with the call of '{name}' the expression comes to more than {limit}.",
                 "put the call, or what it is given, into a formula field of its own")
    TABLE_021 = ("TABLE-021", "'{name}' has no {what}.", "give it at least one")
    # EXPR: expressions
    EXPR_001 = ("EXPR-001", "the expression cannot be read at {found}.", "{hint}")
    EXPR_002 = ("EXPR-002", "'{name}' is not known in {owner}.{suggestion}", "use a name that exists there, or define it first")
    EXPR_003 = ("EXPR-003", "{what} cannot be used with {found}.", "{hint}")
    EXPR_004 = ("EXPR-004", "'{name}' takes {wanted}, not {found}.", "give it the right number of arguments")
    EXPR_005 = ("EXPR-005", "there is no function '{name}'.{suggestion}", "use a function of the language reference")
    EXPR_006 = ("EXPR-006", "the expression has more than {limit} {what}.", "split it into several formulas")
    EXPR_007 = ("EXPR-007", "the expression is nested more than {limit} levels deep.", "split it into several formulas")
    EXPR_008 = ("EXPR-008", "'{name}' is not an option of {choice}.{suggestion}", "use one of its options: {options}")
    EXPR_009 = ("EXPR-009", "'{name}' is a former name of the option '{current}'.", "write '{current}'")
    EXPR_010 = ("EXPR-010", "the pattern cannot be used: {why}.", "use the patterns that the language reference describes")
    EXPR_011 = ("EXPR-011", "{construct} cannot be computed by the database, which this place needs.", "leave it out here")
    EXPR_012 = ("EXPR-012", "'{path}' follows more than {limit} links.", "add a formula on the record in between and read that")
    EXPR_013 = ("EXPR-013", "'{name}' is a reserved word.", "use another name")
    EXPR_014 = ("EXPR-014", "the number {number} is out of range: {range}.", "write a number within the range")
    EXPR_015 = ("EXPR-015", "'{text}' is not {what}.", "{hint}")
    EXPR_016 = ("EXPR-016", "the expression gives {found}, but {wanted} is needed here.", "change the expression so that it gives {wanted}")
    EXPR_017 = ("EXPR-017", "the expression may need more than {limit} steps.", "nest fewer macros, or run them over shorter lists")
    EXPR_018 = ("EXPR-018", "'{name}' runs over rows within a macro over rows.", "add a formula to the rows and read that")
    EXPR_019 = ("EXPR-019", "{what} cannot be the variable of '{macro}'.", "write a name of your own, as in x.exists(y, y == 1)")
    EXPR_020 = ("EXPR-020", "with the formulas that it reads, and those that they read, the expression has more {limit}.",
                "read fewer formulas, or give one of them 'stored: true'")
    # MESSAGE: messages, and how people are reached
    MESSAGE_001 = ("MESSAGE-001", "there is no message '{name}'.{suggestion}", "name a message of this pack or of a pack it requires")
    MESSAGE_002 = ("MESSAGE-002", "there is no channel '{name}'.{suggestion}", "use one of: {known}")
    MESSAGE_003 = ("MESSAGE-003", "'{path}' is restricted, and a patient who gets this message by {channel} has no rights of her own.",
                   "add '{path}' to 'show' if she may read it, or leave it out")
    MESSAGE_004 = ("MESSAGE-004", "{what} cannot stand in a message: {why}.", "leave it out")
    MESSAGE_005 = ("MESSAGE-005", "the text in '{language}' does not hold the address of the form.", "write {{link}} where it belongs")
    MESSAGE_006 = ("MESSAGE-006", "the form '{form}' cannot be filled by a link: {why}.", "{fix}")
    MESSAGE_007 = ("MESSAGE-007", "the transition '{name}' cannot be taken by a link: {why}.", "{fix}")
    MESSAGE_008 = ("MESSAGE-008", "'{name}' cannot be '{key}' of 'contact': {why}.", "{fix}")
    MESSAGE_009 = ("MESSAGE-009", "'{text}' is no span of hours.", "write two times, e.g. \"21:00-08:00\"")
    # CARE: follow-up plans
    CARE_001 = ("CARE-001", "the plan '{name}' has no step.", "give it at least one")
    CARE_002 = ("CARE-002", "'{path}' cannot be the anchor of a plan: {why}.",
                "write an object and the path of a date or an instant that is kept, e.g. treatment.started_on")
    CARE_003 = ("CARE-003", "the plan is about one record of '{subject}', but a record of '{object}' is about {found}.",
                "anchor the plan in an object whose 'subject' is a link to '{subject}'")
    CARE_004 = ("CARE-004", "answers cannot be read here: {why}.", "leave them out")
    CARE_005 = ("CARE-005", "the step has {what}.", "write 'at', or 'every' with 'from'; 'create' or 'message', with what belongs to it")
    CARE_006 = ("CARE-006", "'{name}' cannot be read here: {why}.",
                "write answers.<step>.<field> of a step that stands before, or move this step down with 'after'")
    CARE_007 = ("CARE-007", "this gives {found}, but a step needs a date or an instant.", "write when it is due, e.g. anchor + days(7)")
    CARE_008 = ("CARE-008", "a step cannot be due by '{name}', which is another one whenever it is asked.",
                "count from the anchor, or from a date of the record, of the patient or of an earlier step")
    CARE_009 = ("CARE-009", "'{key}' is no span of time that can be used: {why}.", "write for example days(7), hours(12) or months(6)")
    CARE_010 = ("CARE-010", "the step '{name}' does nothing.", "add 'create:' with an object, or 'message:'")
    CARE_011 = ("CARE-011", "the {kind} '{name}' is over records of '{found}', but the step {wanted}.", "name another one")
    CARE_012 = ("CARE-012", "there is no plan '{name}'.{suggestion}", "name a plan of this pack or of a pack it requires")
    # SCENARIO: scenarios
    SCENARIO_001 = ("SCENARIO-001", "there is no record '{name}' in the scenario so far.{suggestion}",
                    "name one that is given, created or found by an expectation before")
    SCENARIO_002 = ("SCENARIO-002", "'{text}' is no time.",
                    "write a day, a day with a time (2026-11-02T14:30), or in a step how long after the one before: +7d, +12h, +2w, +1mo, +30min")
    SCENARIO_003 = ("SCENARIO-003", "the scenario has {what} here.", "write one of: {keys}")
    SCENARIO_004 = ("SCENARIO-004", "the expectation has {what}.", "write one of: object, record, message, plan")
    SCENARIO_005 = ("SCENARIO-005", "'{name}' is neither a person that is given nor a role.{suggestion}", "name one of them")
    SCENARIO_006 = ("SCENARIO-006", "'{name}' is a record of '{found}', but one of '{wanted}' is needed.", "name another one")
    # PLAN: what a publish would do to what is there
    PLAN_001 = ("PLAN-001", "the {kind} '{id}' disappears while '{other}' appears, which looks like a rename.",
                "write was: [{name}] on '{other}' if it is the same, else keep '{name}' with retired: true")
    PLAN_002 = ("PLAN-002", "the {kind} '{id}' disappears, but the database holds its data.",
                "keep its lines and add retired: true; nobody sees it then, and its data stays")
    PLAN_003 = ("PLAN-003", "the {kind} '{id}' disappears, but {count} rows use it.", "keep its lines and add retired: true")
    PLAN_004 = ("PLAN-004", "the field '{id}' changes from {old} to {new}, but {count} rows have a value in it.",
                "retire it and add a new field with an id of its own")
    PLAN_005 = ("PLAN-005", "the unique rule '{id}' cannot hold: {count} rows share their values with another row.",
                "correct those rows first, or leave the rule out")
    PLAN_006 = ("PLAN-006", "'{setting}' of the object '{id}' changes, but it has {count} rows.",
                "leave '{setting}' as it is; rows would change hands")
    PLAN_007 = ("PLAN-007", "the id '{id}' is spent: its data was purged.", "give the {kind} an id of its own, e.g. id: \"{id}_2\"")
    PLAN_008 = ("PLAN-008", "the role '{id}' disappears, but {count} people hold it.",
                "take the role from them first, or keep its lines and add retired: true")
    PLAN_009 = ("PLAN-009", "the pack '{name}' is live, but the organisation does not list it any more.",
                "list it, or publish with --remove {name}")
    PLAN_010 = ("PLAN-010", "the organisation's list of packs in the live release does not name the pack '{name}'.",
                "add it to 'packs' in organisation.yaml and publish the organisation's folder")
    PLAN_011 = ("PLAN-011", "'{element}' was changed here and, differently, in the live release at {other}.",
                "export the live release, bring the two together and publish again")
    PLAN_012 = ("PLAN-012", "it is not known on which release this folder is based.",
                "publish with --base HASH, naming the release it was exported from; live is {live}")
    PLAN_013 = ("PLAN-013", "the release '{base}' that this folder is based on is not in the database.",
                "export the live release and bring the changes over, or publish with --base HASH")
    PLAN_014 = ("PLAN-014", "the pack '{name}' cannot be removed: {why}.", "name a pack of the live release that no other pack requires")
    PLAN_015 = ("PLAN-015", "the shipped record '{id}' cannot be written: {why}.", "correct the record, or the rows that stand in its way")

    # IMPORT: mapping files and the tables they read
    IMPORT_001 = ("IMPORT-001", "'{key}' is not a key of {owner}.{suggestion}", "use one of: {known}")
    IMPORT_002 = ("IMPORT-002", "'{key}' is missing from {owner}.", "add it, e.g. {example}")
    IMPORT_003 = ("IMPORT-003", "'{key}' takes {wanted}.", "write it like {example}")
    IMPORT_004 = ("IMPORT-004", "there is no object '{name}' that this account may write.{suggestion}", "name an object of the live release")
    IMPORT_005 = ("IMPORT-005", "the object '{object}' has no field '{name}'.{suggestion}", "name one of its fields")
    IMPORT_006 = ("IMPORT-006", "field '{field}' cannot be set by an import: {why}.", "leave it out")
    IMPORT_007 = ("IMPORT-007", "the table has no column '{name}'.{suggestion}", "use one of: {known}")
    IMPORT_008 = ("IMPORT-008", "the column '{name}' is neither mapped nor ignored.", "map it, or list it under 'ignore'")
    IMPORT_009 = ("IMPORT-009", "the key field '{field}' cannot be compared: {why}.", "choose another key")
    IMPORT_010 = ("IMPORT-010", "there is no clinic '{name}'.{suggestion}", "name the code of a clinic")
    IMPORT_020 = ("IMPORT-020", "the table cannot be read: {why}.", "{fix}")
    IMPORT_021 = ("IMPORT-021", "the header '{name}' stands in columns {one} and {two}.", "rename one of the two")
    IMPORT_022 = ("IMPORT-022", "column {number} has no header.", "name it, or remove it")
    IMPORT_023 = ("IMPORT-023", "the line has {found} cells, but the header has {wanted}.", "correct the line")
    IMPORT_024 = ("IMPORT-024", "the character {character} is not allowed in a table.", "remove it")
    IMPORT_025 = ("IMPORT-025", "a quotation mark is opened here and not closed.", "close it, or double it inside a quoted cell")
    IMPORT_026 = ("IMPORT-026", "the line is not {encoding}: byte 0x{byte} does not belong there.", "save the table as UTF-8")
    IMPORT_027 = ("IMPORT-027", "text stands behind the closing quotation mark.", "double quotation marks inside a quoted cell")
    IMPORT_030 = ("IMPORT-030", "'{value}' is not among the values of '{field}' in the mapping.", "add it there, or correct the cell")
    IMPORT_031 = ("IMPORT-031", "'{value}' is not a date written like {format}.", "correct the cell, or 'date' in the mapping")
    IMPORT_032 = ("IMPORT-032", "the same key stands in line {other}.", "keep one of the two lines")
    IMPORT_033 = ("IMPORT-033", "{count} records of '{object}' have '{value}' in '{field}'.", "correct the cell, or add the record first")
    IMPORT_034 = ("IMPORT-034", "{count} records have this key already.", "choose a key that is unique")
    IMPORT_035 = ("IMPORT-035", "the key is empty.", "fill it, or choose another key")
    IMPORT_036 = ("IMPORT-036", "{message}", "")
    IMPORT_040 = ("IMPORT-040", "the file holds no Questionnaire.", "give a FHIR Questionnaire, as JSON or YAML")
    IMPORT_041 = ("IMPORT-041", "the item '{item}' has no linkId, or its type '{type}' is none.", "correct the item")
    IMPORT_042 = ("IMPORT-042", "the item '{item}' has several conditions and does not say whether all must hold.",
                  "give it enableBehavior: all or any")
    IMPORT_043 = ("IMPORT-043", "a condition of the item '{item}' cannot be read: operator '{operator}', or no answer.", "correct enableWhen")
    IMPORT_044 = ("IMPORT-044", "the linkId '{item}' stands twice.", "give every item a linkId of its own")
    IMPORT_045 = ("IMPORT-045", "the item '{item}' is shown by the answer to '{question}', and there is no such item.", "correct enableWhen")
    IMPORT_046 = ("IMPORT-046", "whether the item '{item}' is shown depends on itself: {path}.", "drop one of these conditions")
    IMPORT_047 = ("IMPORT-047", "'{path}' is there already.", "give another --name, or --replace to write over it")
    IMPORT_048 = ("IMPORT-048", "the item '{item}' was brought over without {what}.", "")

    def __init__(self, code: str, message: str, fix: str) -> None:
        self.code = code
        self.message = message
        self.fix = fix

    def at(self, place: Place, *, warning: bool = False, **words: object) -> Problem:
        """The problem at a place, with the words of both templates filled in."""
        return Problem(place, self, self.message.format(**words), self.fix.format(**words), warning, words)


@dataclasses.dataclass(frozen=True, slots=True)
class Problem:
    """One problem: where, what, why, what to do. A warning never stops a check."""

    place: Place
    code: Code
    message: str
    fix: str
    warning: bool = False
    words: Mapping[str, object] = dataclasses.field(default_factory=dict, compare=False, repr=False)
    """What fills the templates of the code."""

    def say(self, language: str) -> tuple[str, str]:
        """The message and the way out as sentences of a language; English where there is no other."""
        chinese = said_in_chinese(self.code.code, self.words) if language.startswith("zh") else None
        if chinese is not None:
            return chinese[0], f"{chinese[1]}。" if chinese[1] else ""
        return self.message, f"{self.fix[:1].upper()}{self.fix[1:]}." if self.fix else ""

    def __str__(self) -> str:
        return self.line("en")

    def line(self, language: str) -> str:
        """Place, code and both sentences on one line."""
        message, fix = self.say(language)
        mark = ("警告：" if language.startswith("zh") else "warning: ") if self.warning else ""
        return " ".join(part for part in (str(self.place), self.code.code, f"{mark}{message}", fix) if part)

    def as_json(self, language: str = "en") -> dict[str, object]:
        """The shape that `carework check --json` prints; the English way out is a bare phrase."""
        where = self.place
        message, fix = self.say(language) if language.startswith("zh") else (self.message, self.fix)
        return {
            "file": where.file, "line": where.line, "column": where.column,
            "code": self.code.code, "message": message, "fix": fix,
        }


class Problems:
    """Gathers problems so that all of them are reported at once."""

    def __init__(self, found: Iterable[Problem] = ()) -> None:
        self._found: list[Problem] = list(found)

    def add(self, problem: Problem) -> None:
        self._found.append(problem)

    def extend(self, problems: Iterable[Problem]) -> None:
        self._found.extend(problems)

    def __iter__(self) -> Iterator[Problem]:
        """In the order of their places, each once."""
        return iter(sorted(dict.fromkeys(self._found), key=lambda p: (p.place, p.code.code, p.message)))

    def __len__(self) -> int:
        return len(self._found)

    @property
    def errors(self) -> list[Problem]:
        return [p for p in self if not p.warning]

    @property
    def warnings(self) -> list[Problem]:
        return [p for p in self if p.warning]


def suggest(word: str, known: Iterable[str]) -> str:
    """' Did you mean 'x'?' for the closest known word, or an empty text when none is close."""
    # A release with ten thousand wrong names among ten thousand still has to be checked within seconds.
    close = process.extractOne(word, itertools.islice(known, 1_000), scorer=fuzz.ratio, score_cutoff=60)
    return f" Did you mean '{close[0]}'?" if close else ""


def circle(path: Sequence[str]) -> str:
    """The steps of a circle for a message, long ones shortened in the middle."""
    steps = [*path[:4], "…", *path[-3:]] if len(path) > 8 else path
    return " → ".join(steps)
