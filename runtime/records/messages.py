"""The texts of refusals, English and Chinese, beside those of `engine.fields.messages`; codes are stable, wording may improve."""

from __future__ import annotations

from collections.abc import Mapping

from engine.fields.messages import say

__all__ = ["text"]

_TEXTS: Mapping[str, tuple[str, str]] = {
    "not_writable": ("You may not change this field here.", "您无权修改此项。"),
    "masked": ("You see only a part of this value, so you may not change it.", "此项对您部分隐藏，不能修改。"),
    "computed": ("This field is computed or numbered by the system.", "此项由系统计算或编号。"),
    "state_field": ("The state changes only by its transitions.", "状态只能通过流程操作改变。"),
    "not_on_form": ("The form of this step does not have this field.", "此步骤的表单没有该字段。"),
    "not_asked": ("This is not asked now, so it takes no value.", "当前不询问此项，不能填写。"),
    "fixed_now": ("This is fixed now and cannot be changed.", "此项当前为只读，不能修改。"),
    "ignored": ("Not saved, because the form does not ask for it with these answers.", "按当前回答无需填写，未保存。"),
    "too_few": ("At least {min} rows are needed.", "至少需要 {min} 行。"),
    "too_many": ("At most {max} rows are taken.", "最多 {max} 行。"),
    "unknown_link": ("There is no such record, or you may not see it.", "没有这条记录，或您无权查看。"),
    "unknown_file": ("There is no such file, or it is not yours.", "没有这个文件，或不是您上传的。"),
    "file_too_large": ("The file is larger than {max} bytes.", "文件超过 {max} 字节。"),
    "file_type": ("Files of this type are not taken here.", "此处不接受这种类型的文件。"),
    "clinic_required": ("Choose the clinic of this record.", "请选择所属门诊。"),
    "unknown_clinic": ("You may not create this record in that clinic.", "您不能在该门诊新建此记录。"),
    "clinic_not_taken": ("This record takes no clinic of its own.", "此记录不能单独指定门诊。"),
    "first_clinic": ("A record cannot leave its first clinic.", "记录不能离开其首个门诊。"),
    "duplicate": ("Another record already has this: {rule}.", "已有相同的记录：{rule}。"),
    "not_found": ("There is no such record, or you may not see it.", "没有这条记录，或您无权查看。"),
    "forbidden": ("You may not do this with this record.", "您无权对此记录进行该操作。"),
    "forbidden_object": ("You may not do this.", "您无权进行该操作。"),
    "stale": ("Somebody changed this record in the meantime.", "此记录已被他人修改。"),
    "lost": ("Somebody was faster: the record is now in state '{state}'.", "已有人先行操作：当前状态为“{state}”。"),
    "fence": ("The definitions changed while you were working.", "您填写期间系统配置已更改。"),
    "in_use": ("Other records point to this one: {objects}.", "其他记录引用了此记录：{objects}。"),
    "not_tried": ("Nothing was written, because another part was refused.", "因其他部分被拒绝，未写入任何内容。"),
    "circle": (
        "{depth} changes led from one to the next without an end; this one was not made.",
        "连续触发了 {depth} 次变更，可能存在循环，未执行此变更。",
    ),
    "follow_up_delayed": (
        "Done. What follows from this step by itself is delayed; it will be tried again.",
        "操作已完成，但其后续自动步骤被推迟，系统会稍后重试。",
    ),
    "busy": ("The database was too busy; nothing was written. Try again.", "数据库繁忙，未写入任何内容，请重试。"),
    "invalid": ("Some values cannot be accepted.", "部分内容不符合要求。"),
    "id_not_taken": ("The id of a record is given by the system.", "记录编号由系统分配。"),
    "not_undoable": ("This change can no longer be taken back.", "此操作已无法撤销。"),
    "not_restorable": ("This record cannot be put back as it was.", "此记录无法恢复。"),
    "too_many_rows": ("More than {limit} rows would have to be read.", "需要读取的子记录超过 {limit} 条。"),
    "others": ("other records", "其他记录"),
}


def text(code: str, language: str, **words: object) -> str:
    """The text of a code in a language, of this table or of the fields' own. Raises KeyError for a code that has none."""
    if code not in _TEXTS:
        return say(code, words, language)
    english, chinese = _TEXTS[code]
    return (chinese if language.startswith("zh") else english).format(**words)
