"""Field types and categories of states in the words of people."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["TYPES", "category_words"]

TYPES: Mapping[str, tuple[str, str]] = {
    "text": ("Short text", "短文本"), "long_text": ("Long text", "长文本"), "integer": ("Whole number", "整数"),
    "decimal": ("Decimal number", "小数"), "date": ("Date", "日期"), "datetime": ("Date and time", "日期时间"), "time": ("Time", "时间"),
    "boolean": ("Yes or no", "是/否"), "choice": ("One of several options", "单选"), "choices": ("Several options", "多选"),
    "link": ("Link to a record", "关联记录"), "attachment": ("File or picture", "附件"), "phone": ("Phone number", "电话"),
    "email": ("E-mail address", "邮箱"), "id_number": ("Resident ID number", "身份证号"), "sequence": ("Running number", "自动编号"),
    "state": ("State of the workflow", "流程状态"),
}

_CATEGORIES: Mapping[str, tuple[str, str]] = {
    "open": ("Open", "进行中"), "waiting": ("Waiting", "等待"), "done": ("Done", "完成"), "cancelled": ("Cancelled", "取消"),
    "alert": ("Alert", "警示"), "plain": ("Plain", "普通"),
}


def category_words(language: str) -> dict[str, str]:
    """How states are drawn and counted."""
    return {name: chinese if language.startswith("zh") else english for name, (english, chinese) in _CATEGORIES.items()}
