"""What people and clients are told about values: a code → its text in every language of the interface.

Screens, API and command line all say refusals and warnings with these words. Codes are stable, wording may improve.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["LANGUAGES", "MESSAGES", "say"]

LANGUAGES: Final = ("en", "zh")

MESSAGES: Final[Mapping[str, tuple[str, str]]] = {
    # any value
    "required": ("This must be filled in.", "此项必填。"),
    "unknown_field": ("There is no field “{name}” here.", "这里没有字段“{name}”。"),
    "unknown_field_near": (
        "There is no field “{name}” here. Did you mean “{suggestion}”?", "这里没有字段“{name}”。是不是“{suggestion}”？"),
    "former_field": (
        "The field “{name}” is now called “{current}”. Use that name.", "字段“{name}”现名“{current}”，请使用新名称。"),
    "read_only_field": (
        "“{name}” is kept by the system and cannot be set. Leave it out.", "“{name}”由系统维护，不能填写，请去掉。"),
    "not_object": ("This must be an object of fields and values.", "此处必须是由字段和值组成的对象。"),
    # text
    "not_text": ("This must be text.", "此处必须是文本。"),
    "too_long": ("This has {length} characters; at most {max} fit.", "共 {length} 个字符，最多 {max} 个。"),
    "control_character": (
        "The character {character} at position {position} is not text. Remove it.",
        "第 {position} 个字符 {character} 不是文字，请删除。"),
    "broken_character": (
        "This holds half a character. Type it again.", "其中有不完整的字符，请重新输入。"),
    # numbers
    "not_integer": ("This must be a whole number.", "此处必须是整数。"),
    "invalid_integer": (
        "This must be a whole number, written with the digits 0 to 9.", "请输入整数，只用数字 0 到 9。"),
    "not_decimal": ("This must be a decimal number, written as text such as \"12.50\".", "此处必须是小数，写作文本，如 \"12.50\"。"),
    "decimal_as_number": (
        "Write a decimal as text, such as \"12.50\", so that it stays exact.", "小数请写作文本，如 \"12.50\"，以免失真。"),
    "invalid_decimal": (
        "This must be a number such as 12.50, without spaces or commas.", "请输入数字，如 12.50，不要用空格和逗号。"),
    "too_many_places": ("At most {places} digits may stand after the point.", "小数点后最多 {places} 位。"),
    "too_many_digits": ("At most {digits} digits may stand before the point.", "小数点前最多 {digits} 位。"),
    "too_small": ("This must be at least {min}.", "不能小于 {min}。"),
    "too_large": ("This must be at most {max}.", "不能大于 {max}。"),
    # yes and no
    "not_boolean": ("This must be true or false.", "此处必须是 true 或 false。"),
    "invalid_boolean": ("Answer yes or no.", "请填“是”或“否”。"),
    # time
    "not_date": ("This must be a date as text, such as \"2026-11-22\".", "此处必须是文本形式的日期，如 \"2026-11-22\"。"),
    "invalid_date": ("This is no date of the calendar. Write it as 2026-11-22.", "不是有效日期，请写作 2026-11-22。"),
    "not_datetime": (
        "This must be a time as text, such as \"2026-11-22T14:30:00Z\".", "此处必须是文本形式的时间，如 \"2026-11-22T14:30:00Z\"。"),
    "invalid_datetime": (
        "This is no date with a time. Write it as 2026-11-22 14:30, for programs as 2026-11-22T14:30:00+08:00.",
        "不是有效的日期时间，请写作 2026-11-22 14:30；程序请用 2026-11-22T14:30:00+08:00。"),
    "skipped_time": (
        "The clocks of {timezone} skip this time. Choose another one.", "{timezone} 的时钟跳过了这个时刻，请另选。"),
    "too_precise": ("At most six digits may stand after the seconds.", "秒后最多六位小数。"),
    "not_time": ("This must be a time of day as text, such as \"12:30\".", "此处必须是文本形式的时刻，如 \"12:30\"。"),
    "invalid_time": ("This is no time of day. Write it as 12:30 or 12:30:45.", "不是有效时刻，请写作 12:30 或 12:30:45。"),
    # options
    "not_option": ("This must be the name of an option.", "此处必须是选项的名称。"),
    "not_list": ("This must be a list of options.", "此处必须是选项的列表。"),
    "unknown_option": ("There is no option “{value}”.", "没有选项“{value}”。"),
    "unknown_option_near": (
        "There is no option “{value}”. Did you mean “{suggestion}”?", "没有选项“{value}”。是不是“{suggestion}”？"),
    "former_option": (
        "The option “{value}” is now called “{current}”. Use that name.", "选项“{value}”现名“{current}”，请使用新名称。"),
    "retired_option": ("The option “{value}” is no longer offered.", "选项“{value}”已停用。"),
    "ambiguous_option": (
        "Several options are called “{value}”. Use the option's name.", "有多个选项叫“{value}”，请使用选项的名称。"),
    "duplicate_option": ("An option is given twice.", "有重复的选项。"),
    "too_many_options": ("At most {max} options can be chosen.", "最多可选 {max} 项。"),
    # links and files
    "invalid_link": ("This is not the id of a record.", "不是记录的编号。"),
    "invalid_attachment": ("This is not the id of an uploaded file.", "不是已上传文件的编号。"),
    # persons
    "doubtful_phone": (
        "This is no valid phone number of {country}. It was kept as typed.", "不是有效的电话号码（{country}），已按原样保存。"),
    "invalid_email": ("This is no e-mail address. Write one such as li@example.cn.", "不是有效的邮箱地址，请写作 li@example.cn。"),
    "id_number_shape": (
        "A resident identity number has 17 digits and then a digit or X.", "身份证号应为 17 位数字加 1 位数字或 X。"),
    "id_number_region": ("No region has the code {region}.", "没有代码为 {region} 的地区。"),
    "id_number_birth": ("The digits 7 to 14 are no date of birth.", "第 7 至 14 位不是有效的出生日期。"),
    "id_number_check": (
        "The last character does not fit the others. Look for a wrong or swapped digit.",
        "校验码不符，请检查是否有数字写错或写反。"),
    # transitions
    "unknown_transition": ("There is no step “{name}”.", "没有步骤“{name}”。"),
    "unknown_transition_near": (
        "There is no step “{name}”. Did you mean “{suggestion}”?", "没有步骤“{name}”。是不是“{suggestion}”？"),
    "former_transition": (
        "The step “{name}” is now called “{current}”. Use that name.", "步骤“{name}”现名“{current}”，请使用新名称。"),
    "wrong_state": (
        "“{transition}” is not possible in the state “{state}”.", "当前状态“{state}”不能执行“{transition}”。"),
    "guard_refused": (
        "“{transition}” is not possible now: {rule} does not hold.", "现在不能执行“{transition}”：条件 {rule} 不成立。"),
    "guard_depends": ("“{transition}” is not possible yet. It depends on: {fields}.", "现在还不能执行“{transition}”，取决于：{fields}。"),
    "reason_required": ("“{transition}” needs a reason.", "“{transition}”需要填写原因。"),
    "reason_unwanted": ("“{transition}” takes no reason. Leave it out.", "“{transition}”不需要原因，请去掉。"),
}
"""Code → (English, Chinese)."""


def say(code: str, words: Mapping[str, object], language: str) -> str:
    """The text of a code, in English for a language without texts. Words that have a text per language say it so.

    Raises KeyError for a code that is not in the table.
    """
    english, chinese = MESSAGES[code]
    template = chinese if language.startswith("zh") else english
    return template.format_map({key: word(language) if callable(word) else word for key, word in words.items()})
