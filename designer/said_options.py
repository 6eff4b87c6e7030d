"""What can be chosen for a key, in the words of people: the words of the language, and the labels of what definitions name."""

from __future__ import annotations

from collections.abc import Mapping

from designer.layers import Layers, label_of
from designer.said_types import TYPES, category_words
from engine.text.kinds import KINDS

__all__ = ["option_words"]

_OPTIONS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "on_delete": {"restrict": ("It cannot be deleted", "不允许删除"), "clear": ("The link is emptied", "清空此关联"),
                  "cascade": ("This record goes with it", "一并删除本记录")},
    "scope": {"clinic": ("One clinic", "单个诊所"), "organisation": ("All clinics", "所有诊所")},
    "color": {
        "blue": ("Blue", "蓝"), "azure": ("Azure", "天蓝"), "indigo": ("Indigo", "靛蓝"), "purple": ("Purple", "紫"), "pink": ("Pink", "粉"),
        "red": ("Red", "红"), "orange": ("Orange", "橙"), "yellow": ("Yellow", "黄"), "lime": ("Lime", "黄绿"), "green": ("Green", "绿"),
        "teal": ("Teal", "蓝绿"), "cyan": ("Cyan", "青"), "gray": ("Grey", "灰"), "secondary": ("Pale grey", "浅灰")},
    "when_hidden": {"keep": ("kept as it is", "保留"), "clear": ("emptied", "清空")},
    "width": {"full": ("Full width", "整行"), "half": ("Half", "二分之一"), "third": ("Third", "三分之一")},
    "reason": {"none": ("Not asked", "不询问"), "optional": ("Asked, may stay empty", "可不填"), "required": ("Must be given", "必填")},
    "missed": {"run_late": ("It happens late", "补做"), "skip": ("It is left out", "跳过"),
               "merge": ("Of several only the latest", "多次只做最近一次")},
    "hit": {
        "unique": ("Only one may match", "只允许一条匹配"), "any": ("They must give the same", "结果必须相同"),
        "first": ("The first counts", "取第一条"),
        "priority": ("The one that weighs most", "取优先级最高"), "collect sum": ("Their sum", "求和"), "collect min": ("The least", "取最小"),
        "collect max": ("The greatest", "取最大"), "collect count": ("How many they are", "计数")},
    "kind": {
        "list": ("List", "列表"), "board": ("Board", "看板"), "calendar": ("Calendar", "日历"), "agenda": ("Today by the hour", "今日日程"),
        "create": ("Buttons for new records", "新建按钮"), "facts": ("Fields of the record", "记录字段"), "inbox": ("Unread messages", "未读消息"),
        "messages": ("What the patient was told", "发给患者的消息"), "plans": ("Follow-up plans", "随访计划"), "recent": ("Opened last", "最近打开"),
        "rows": ("Records of another object", "其他对象的记录"), "stream": ("What happened", "动态"), "tasks": ("What is to be done", "待办")},
    "purpose": {"care": ("Care", "诊疗"), "marketing": ("Marketing", "营销")},
    "running": {"keep": ("go on as they began", "按原计划继续"), "move_at_next_step": ("follow from the next step on", "从下一步起按新计划"),
                "replan": ("are counted anew", "重新计算")},
    "calendar": {"clinic_hours": ("When the clinics are open", "诊所营业时间")},
    "upgrade": {"keep": ("stays as it is", "保持不变"), "fill": ("gets its empty fields", "补全空字段"), "replace": ("is written anew", "覆盖")},
}
_NAMED: Mapping[str, str] = {
    "object": "objects", "to": "objects", "on": "objects", "create": "objects", "of": "choices", "ask": "forms", "form": "forms",
    "message": "messages",
}
_FIELDS = frozenset({"field", "start", "end", "input"})


def option_words(layers: Layers, folder: str, whole: Mapping[str, object], key: str, options: tuple[str, ...], language: str) -> dict[str, str]:
    """Option → what it is called, for those that have words; `whole` is the definition that the key stands in."""
    which = 1 if language.startswith("zh") else 0
    if key == "type":
        return {name: said[which] for name, said in TYPES.items()}
    if key == "category":
        return category_words(language)
    if key in _OPTIONS and set(options) <= set(_OPTIONS[key]):
        return {name: said[which] for name, said in _OPTIONS[key].items()}
    if folder == "workflows" and key in ("to", "initial", "in"):
        states = whole.get("states")
        return {name: label_of(value, language) or name for name, value in (states.items() if isinstance(states, dict) else ())
                if isinstance(value, dict)}
    if key in _FIELDS:
        fields = layers.elements("objects", str(whole.get("object") or whole.get("on") or ""), ("fields",))
        return {name: label_of(value, language) or name for name, value in fields.items()}
    target = _NAMED.get(key, "")
    return {name: layers.label(target, name, language) for name in options} if target in KINDS else {}
