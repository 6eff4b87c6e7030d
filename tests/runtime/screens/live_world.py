"""The chain with a form that lives: conditions, a formula, a value behind a link, rows, steps."""

from __future__ import annotations

from collections.abc import Mapping

from tests.runtime.api.world import FILES as CHAIN

__all__ = ["LIVE", "STEPS"]

LIVE: Mapping[str, str] = {
    "objects/checkup.yaml": """
name: checkup
label: {en: Check-up, zh: 复查}
plural: {en: Check-ups, zh: 复查}
title: "{patient.name} · {kind}"
belongs_to: {via: patient}
subject: patient
fields:
  patient: {type: link, to: patient, required: true, label: {en: Patient, zh: 患者}}
  kind:
    type: choice
    label: {en: Kind, zh: 类型}
    options: {wound: {label: {en: Wound, zh: 伤口}}, xray: {was: [photo], label: {en: X-ray, zh: 影像}}}
  pain: {type: integer, min: 0, max: 10, label: {en: Pain, zh: 疼痛}}
  note: {type: long_text, label: {en: What hurts, zh: 疼痛说明}}
  film: {type: text, label: {en: Film number, zh: 片号}}
  fee: {type: decimal, places: 2, label: {en: Fee, zh: 费用}}
  paid: {type: boolean, label: {en: Paid, zh: 已付}}
  rate: {type: decimal, places: 2, formula: "fee * 1.06", label: {en: With tax, zh: 含税}}
  guardian: {type: text, label: {en: Guardian, zh: 监护人}}
""",
    "objects/drug.yaml": """
name: drug
label: {en: Drug, zh: 用药}
plural: {en: Drugs, zh: 用药}
title: "{name}"
belongs_to: {via: checkup}
subject: checkup.patient
fields:
  checkup: {type: link, to: checkup, required: true, inverse: drugs, on_delete: cascade}
  name: {type: text, required: true, max: 40, label: {en: Name, zh: 药名}}
  dose: {type: integer, min: 1, max: 9, label: {en: Dose, zh: 剂量}}
  why: {type: text, label: {en: Why so much, zh: 原因}}
  place: {type: integer, label: {en: Place, zh: 次序}}
""",
    "forms/checkup.yaml": """
name: checkup
object: checkup
default: true
items:
  patient: {width: half}
  kind: {width: half}
  pain: {width: third, required: true}
  strong: {note: {en: Call the doctor before you go on, zh: 请先联系医生}, show: pain >= 9}
  note: {show: pain >= 7, required: pain >= 8}
  picture: {heading: {en: Picture, zh: 影像}, show: kind == 'xray'}
  film: {when_hidden: clear, width: third}
  money: {heading: {en: Money, zh: 费用}}
  fee: {width: third, read_only: paid ?? false}
  paid: {width: third}
  rate: {read_only: true, width: third}
  guardian: {show: "patient.born != null && age(patient.born) < 18"}
  drugs:
    rows: drugs
    label: {en: Drugs given, zh: 用药情况}
    max: 4
    order: place
    items:
      name: {width: third}
      dose: {width: third, required: has(name)}
      why: {width: third, show: "dose >= 5 || checkup.pain >= 9"}
""",
    "roles/nurse.yaml": CHAIN["roles/nurse.yaml"].replace("  staff: {", "  checkups: {object: checkup, can: [read, create, update, delete]}\n"
                                                          "  drugs: {object: drug, can: [read, create, update, delete]}\n  staff: {"),
    "roles/desk.yaml": CHAIN["roles/desk.yaml"] + "  checkups: {object: checkup, can: [read, create, update], hide: [pain]}\n",
}
STEPS: Mapping[str, str] = {
    **LIVE,
    "forms/checkup.yaml": """
name: checkup
object: checkup
default: true
items:
  one: {step: {en: Who, zh: 对象}}
  patient: {}
  two: {step: {en: Pain, zh: 疼痛}}
  pain: {required: true}
  three: {step: {en: What hurts, zh: 说明}, show: pain >= 7}
  note: {}
  four: {step: {en: Money, zh: 费用}}
  fee: {}
""",
}
