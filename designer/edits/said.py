"""What kinds of definition and their elements are called in sentences."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["kind_said", "kinds_said", "kinds_told", "section_said"]

_KINDS: Mapping[str, tuple[str, str, str]] = {
    "objects": ("object", "Objects", "对象"), "choices": ("choice set", "Choices", "选项集"), "forms": ("form", "Forms", "表单"),
    "views": ("list", "Lists", "列表"), "workflows": ("workflow", "Workflows", "流程"), "plans": ("plan", "Follow-up plans", "随访计划"),
    "decisions": ("decision table", "Decision tables", "决策表"), "scores": ("score", "Scores", "评分"), "pages": ("page", "Pages", "页面"),
    "messages": ("message", "Messages", "消息"), "roles": ("role", "Roles", "角色"), "data": ("data set", "Data", "数据集"),
    "scenarios": ("scenario", "Scenarios", "场景"),
}
_TOLD: Mapping[str, tuple[str, str]] = {
    "objects": ("What the clinic keeps records of, such as visits", "诊所要记录的事物，如就诊"),
    "forms": ("What is asked when something is typed in", "录入时填写的内容"),
    "views": ("Records as a list, a board or a calendar", "以列表、看板或日历显示记录"),
    "workflows": ("States that records pass through, and who moves them on", "记录经过的状态与流转"),
    "plans": ("What is done for a patient, and when", "何时为患者做什么"),
    "messages": ("What patients and staff are told", "发给患者与员工的内容"),
    "roles": ("What somebody may see and do", "可查看与执行的权限"),
    "choices": ("Options that several fields share", "多个字段共用的选项"),
    "scores": ("Points for answers, and what their sum means", "按回答计分并分级"),
    "decisions": ("Rules in a table that clinic people read", "以表格书写的判断规则"),
    "pages": ("How a record or somebody's day is laid out", "记录或每日首页的版式"),
    "scenarios": ("A story that tries a plan before anybody meets it", "在启用前试运行计划的情景"),
    "data": ("Records that a pack brings along", "随包提供的记录"),
}
_SECTIONS: Mapping[str, tuple[str, str]] = {
    "fields": ("field", "字段"), "unique": ("unique rule", "唯一规则"), "indexes": ("index", "索引"), "checks": ("check", "校验"),
    "options": ("option", "选项"), "items": ("item", "条目"), "columns": ("column", "列"), "states": ("state", "状态"),
    "transitions": ("transition", "流转"), "timers": ("timer", "定时"), "then": ("effect", "动作"), "inputs": ("input", "输入"),
    "outputs": ("output", "输出"), "rules": ("rule", "规则"), "bands": ("band", "分级"), "panels": ("panel", "面板"),
    "steps": ("step", "步骤"), "grants": ("grant", "授权"), "denials": ("denial", "禁止"), "records": ("record", "记录"),
}


def kind_said(folder: str, language: str) -> str:
    """A kind in a sentence, by its folder."""
    one, _, chinese = _KINDS.get(folder, (folder, folder, folder))
    return chinese if language.startswith("zh") else one


def kinds_said(folder: str, language: str) -> str:
    """A kind as a heading."""
    _, many, chinese = _KINDS.get(folder, (folder, folder.capitalize(), folder))
    return chinese if language.startswith("zh") else many


def kinds_told(language: str) -> dict[str, str]:
    """What each kind is for, by its folder."""
    return {folder: chinese if language.startswith("zh") else english for folder, (english, chinese) in _TOLD.items()}


def section_said(section: tuple[str, ...], language: str) -> str:
    """One element of a map."""
    last = section[-1] if section else ""
    english, chinese = _SECTIONS.get(last, (last, last))
    return chinese if language.startswith("zh") else english
