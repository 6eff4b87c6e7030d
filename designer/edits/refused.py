"""Why an edit cannot be made, in both languages; nothing was changed."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["EditRefused"]

_REASONS: Mapping[str, tuple[str, str]] = {
    "unreadable": ("The file {path} cannot be read ({why}). Repair it as text first.", "文件 {path} 无法解析（{why}），请先以文本方式修复。"),
    "no_file": ("There is no file {path} in this draft.", "此草稿中没有文件 {path}。"),
    "file_there": ("There is a file {path} already.", "文件 {path} 已存在。"),
    "no_place": ("There is no “{at}” in {path}. Somebody may have removed it; load the page again.",
                 "{path} 中没有“{at}”，可能已被他人删除，请刷新页面。"),
    "not_a_map": ("“{at}” in {path} does not hold named entries.", "{path} 中的“{at}”不含命名条目。"),
    "name_taken": ("There is a “{name}” already.", "已有“{name}”。"),
    "bad_name": ("“{name}” cannot be a name: small letters, digits and _, a letter first, at most 41.",
                 "“{name}”不能作为名称：只能用小写字母、数字和下划线，以字母开头，最多 41 个字符。"),
    "reserved_name": ("“{name}” cannot be a name: {why}.", "“{name}”不能作为名称：它是系统保留的名称。"),
    "former_name": ("“{name}” is a name that this had before the last release; undo the renaming, or choose another name.",
                    "“{name}”曾是它的名称；请撤销重命名，或另选名称。"),
    "odd_style": ("“{at}” in {path} is written in a way that can only be edited as text.", "{path} 中“{at}”的写法只能以文本方式编辑。"),
    "no_value": ("This value cannot be written into a definition.", "该值无法写入定义。"),
    "bad_path": ("“{path}” is no place for a definition: PACK/KIND/NAME.yaml.", "“{path}”不是定义文件的位置：包/类别/名称.yaml。"),
    "too_large": ("The file would be larger than {limit} bytes.", "文件将超过 {limit} 字节。"),
    "hidden_characters": ("The text holds invisible or direction-changing characters. Type it again.",
                          "文本含有不可见字符或改变书写方向的字符，请重新输入。"),
    "hidden_in_line": ("Line {line} holds the character {character}, which is invisible or changes the direction. Delete it.",
                       "第 {line} 行含有不可见或改变书写方向的字符 {character}，请删除。"),
    "parts_in_line": ("Line {line} holds letters that are put together of several characters. Type them again.",
                      "第 {line} 行含有由多个字符拼成的字母，请重新输入。"),
    "empty_label": ("Give it a label.", "请填写名称。"),
    "not_yours": ("“{name}” belongs to the pack {owner}: another pack can hide it, only its own can do this.",
                  "“{name}”属于包 {owner}：其他包只能隐藏它，此操作只能在其所属的包中进行。"),
    "hidden_above": ("“{name}” is hidden by the pack {pack}, which stands above. Choose that pack under “Write into” and bring it back there.",
                     "“{name}”被上层的包 {pack} 隐藏，请在“写入”中选择该包后再恢复。"),
    "stale": ("Somebody else changed this file meanwhile. Your text is kept below; load the file again and put in what is missing.",
              "此文件刚被他人修改。您的文本仍保留在下方，请重新打开文件后补上您的改动。"),
    "stale_form": ("Somebody else changed the same thing meanwhile; nothing was saved. Load the page again and see what is missing.",
                   "同一处内容刚被他人修改，未保存。请刷新页面后补上您的改动。"),
    "stale_undo": ("Somebody changed the draft meanwhile. Load the page again; then “Undo” says what it takes back.",
                   "草稿刚被他人修改。请刷新页面，再看“撤销”会取消哪项操作。"),
    "nothing_to_undo": ("There is nothing to undo.", "没有可撤销的操作。"),
    "nothing_to_redo": ("There is nothing to redo.", "没有可重做的操作。"),
    "bad_edit": ("This edit cannot be understood: {why}.", "无法理解此编辑：{why}。"),
    "not_checked": ("The draft has problems; mend them first.", "草稿存在问题，请先修复。"),
    "closed": ("This draft is closed: it was published or discarded.", "此草稿已发布或已放弃。"),
    "about_what": ("Say what it is about.", "请选择它所针对的对象。"),
    "about_nobody": ("A plan follows a patient. Choose what is about one, or make an object of which each record is about a patient.",
                     "计划用于随访患者，请选择与患者相关的对象，或新建每条记录都关于一名患者的对象。"),
    "no_owner": ("Choose the record that each record belongs to.", "请选择每条记录所属的对象。"),
    "no_task": ("The steps of a plan make something to do. First make an object of which each record is something to do.",
                "计划的步骤会生成待办事项，请先新建一个“每条记录是一项待办”的对象。"),
    "no_plan": ("A scenario tries a plan. First make the plan.", "场景用于试运行计划，请先新建计划。"),
    "no_states": ("A board has a column for each state. First make a workflow for the object.", "看板按状态分列，请先为该对象新建流程。"),
    "no_day": ("A calendar needs a day. First give the object a field that holds a date.", "日历需要日期，请先为该对象新增日期字段。"),
    "no_key": ("The object has no field by which its records could be found again. First give it a text field.",
               "该对象没有可用于识别记录的字段，请先新增一个文本字段。"),
    "has_default": ("The object has a form that opens for its records already. Take that away from the other form first, or leave it here.",
                    "该对象已有默认表单，请先取消原表单的默认设置，或不在此处勾选。"),
    "has_page": ("The object's records have a page already; open that one.", "该对象已有页面，请直接打开修改。"),
    "stands_below": ("“{owner}” builds on “{pack}”, so “{pack}” cannot use what “{owner}” defines. Choose another pack under “Write into”.",
                     "“{owner}”建立在“{pack}”之上，因此“{pack}”不能使用“{owner}”定义的内容。请在“写入”中选择其他包。"),
    "initial_state": ("Records begin as “{name}”. Let them begin as another state first.", "记录以“{name}”为初始状态，请先改设其他初始状态。"),
    "to_whom": ("Say to whom.", "请选择对象。"),
    "no_values": ("Choose a field and say what it becomes.", "请选择字段并填写其值。"),
    "no_time": ("Say in which state it waits, until when, and what happens then.", "请填写等待的状态、时间以及到时执行的流转。"),
    "leads_from_elsewhere": ("“{name}” does not lead out of that state. Choose another one, or let it start there as well.",
                             "“{name}”不从该状态出发，请另选流转，或先将该状态加入其起始状态。"),
    "nowhere": ("Say from which states it leads, and to which.", "请选择流转的起始状态和目标状态。"),
    "rows": ("Rows cannot say this: {why}. Write it as text.", "条件行无法表达：{why}。请以文本方式编写。"),
}


class EditRefused(Exception):
    """Nothing was changed. `say` gives the reason in a language."""

    def __init__(self, code: str, **words: object) -> None:
        super().__init__(code)
        self.code = code
        self.words = words

    def say(self, language: str) -> str:
        english, chinese = _REASONS[self.code]
        return (chinese if language.startswith("zh") else english).format(**self.words)

    def __str__(self) -> str:
        return self.say("en")
