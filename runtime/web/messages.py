"""What the web layer says when it refuses: code → status and texts, English and Chinese."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

__all__ = ["REASONS", "Reason", "reason_of_status", "say"]


@dataclasses.dataclass(frozen=True, slots=True)
class Reason:
    """An HTTP status with its title in English and Chinese."""

    status: int
    english: str
    chinese: str

    def title(self, language: str) -> str:
        return self.chinese if language.startswith("zh") else self.english


REASONS: Mapping[str, Reason] = {
    "bad_request": Reason(400, "The request cannot be understood.", "无法理解该请求。"),
    "unknown_host": Reason(
        421, "Carework does not answer under this name. Use the address that your clinic has given you.", "此地址不可用，请使用机构提供的网址。"),
    "invalid": Reason(400, "Some values cannot be accepted.", "部分内容不符合要求。"),
    "bad_query": Reason(400, "A parameter of the address cannot be used.", "地址中的某个参数无法使用。"),
    "bad_json": Reason(400, "The body is not acceptable JSON.", "请求内容不是可接受的 JSON。"),
    "former_name": Reason(400, "This name is no longer used.", "该名称已不再使用。"),
    "csrf": Reason(400, "The form's protection is missing or out of date. Reload the page.", "表单的安全校验缺失或已过期，请刷新页面。"),
    "sign_in": Reason(401, "Sign in first, or send a valid token.", "请先登录，或提供有效的令牌。"),
    "forbidden": Reason(403, "You may not do this.", "您无权进行该操作。"),
    "not_found": Reason(404, "There is no such thing, or you may not see it.", "不存在，或您无权查看。"),
    "method": Reason(405, "This address does not take this method.", "该地址不支持此方法。"),
    "not_acceptable": Reason(406, "This cannot be given in the form asked for.", "无法以所要求的格式提供。"),
    "timeout": Reason(408, "The request took too long to arrive.", "请求到达超时。"),
    "lost": Reason(409, "Somebody else was faster.", "已有人先行操作。"),
    "fence": Reason(409, "The definitions changed while you were working.", "您操作期间系统配置已更改。"),
    "in_use": Reason(409, "Other records point to this one.", "其他记录引用了此记录。"),
    "duplicate": Reason(409, "Another record already has this.", "已有相同的记录。"),
    "plan_stops": Reason(409, "What ends this plan is true already, so it cannot begin.", "该计划的终止条件已满足，无法开始。"),
    "in_progress": Reason(409, "The first request with this key is still at work.", "使用此键的首个请求仍在处理中。"),
    "not_tried": Reason(409, "Not done, because another part was refused.", "因其他部分被拒绝，未执行。"),
    "gone": Reason(410, "This is no longer here.", "已不存在。"),
    "stale": Reason(412, "Somebody changed this record in the meantime.", "此记录已被他人修改。"),
    "too_large": Reason(413, "The request is too large.", "请求内容过大。"),
    "address_too_long": Reason(414, "The address is too long.", "地址过长。"),
    "media_type": Reason(415, "This media type is not taken here.", "此处不接受该媒体类型。"),
    "other_request": Reason(422, "The Idempotency-Key was used for another request.", "该 Idempotency-Key 已用于另一请求。"),
    "version_missing": Reason(428, "Say which version you change: send If-Match.", "请通过 If-Match 说明所修改的版本。"),
    "too_many": Reason(429, "Too many requests. Wait a little.", "请求过于频繁，请稍后再试。"),
    "headers_too_large": Reason(431, "The headers are too large.", "请求头过大。"),
    "unexpected": Reason(500, "Something broke on our side. It has been written down.", "系统内部出错，已记录。"),
    "not_implemented": Reason(501, "This is not supported.", "不支持。"),
    "busy": Reason(503, "Too busy just now; nothing was written. Try again.", "系统繁忙，未写入任何内容，请重试。"),
    "too_slow": Reason(503, "Reading took too long and was stopped. Narrow the filter, or sort by another field.",
                       "读取时间过长，已停止。请缩小筛选范围，或换一个字段排序。"),
    "unavailable": Reason(503, "The database cannot be reached now. Try again.", "暂时无法访问数据库，请重试。"),
    "not_audited": Reason(503, "The view could not be recorded, so it is not shown. Try again.", "访问记录未能写入，故不显示，请重试。"),
    "no_release": Reason(503, "Nothing has been published here yet.", "尚未发布任何配置。"),
}
"""By the `code` member of the problem details."""

_BY_STATUS = {405: "method", 406: "not_acceptable", 413: "too_large", 415: "media_type", 429: "too_many"}
for _code, _reason in REASONS.items():
    _BY_STATUS.setdefault(_reason.status, _code)

_TEXTS: Mapping[str, tuple[str, str]] = {
    "unknown_parameter": ("There is no parameter '{name}' here. Use: {known}.", "此处没有参数“{name}”，可用：{known}。"),
    "repeated_parameter": ("The parameter '{name}' is given more than once.", "参数“{name}”重复。"),
    "invalid_parameter": ("The parameter '{name}' must be {wanted}.", "参数“{name}”必须是{wanted}。"),
    "not_utf8": ("The body is not UTF-8.", "内容不是 UTF-8 编码。"),
    "not_json": ("The body cannot be read as JSON: {why}.", "内容无法解析为 JSON：{why}。"),
    "repeated_key": ("The key '{name}' stands twice.", "键“{name}”重复。"),
    "too_deep": ("The body is nested more than {limit} levels deep.", "内容嵌套超过 {limit} 层。"),
    "not_a_number": ("NaN and Infinity are no numbers of JSON.", "NaN 和 Infinity 不是 JSON 数值。"),
    "number_too_long": ("A number has more than {limit} digits.", "数值超过 {limit} 位。"),
    "broken_character": ("A text holds half of a character (a lone surrogate).", "文本中含有不完整的字符（孤立代理项）。"),
    "not_object": ("A JSON object is needed here.", "此处需要 JSON 对象。"),
    "unknown_key": ("There is no key '{name}' here. Use: {known}.", "此处没有键“{name}”，可用：{known}。"),
    "missing_key": ("The key '{name}' is missing.", "缺少键“{name}”。"),
    "wrong_kind": ("This must be {wanted}.", "此处必须是{wanted}。"),
    "one_command": ("Each command has exactly one of: {known}.", "每条命令必须且只能包含其一：{known}。"),
    "too_many_commands": ("At most {limit} commands are taken at once.", "一次最多 {limit} 条命令。"),
    "unknown_object": ("There is no object '{name}'.", "没有对象“{name}”。"),
    "former_object": ("'{name}' is now called '{current}'.", "“{name}”现在的名称是“{current}”。"),
    "bad_header": ("The header {name} must be {wanted}.", "请求头 {name} 必须是{wanted}。"),
    "one_file": ("Send exactly one file, in the part 'file'.", "请在“file”部分上传且仅上传一个文件。"),
    "file_too_large": ("The file has more than {limit} bytes.", "文件超过 {limit} 字节。"),
    "csrf_missing": ("Send the header X-CSRFToken with the token of the page.", "请在请求头 X-CSRFToken 中发送页面的令牌。"),
}


def say(code: str, language: str, **words: object) -> str:
    """The text of a detail in a language. Raises KeyError for a code without texts."""
    english, chinese = _TEXTS[code]
    return (chinese if language.startswith("zh") else english).format(**words)


def reason_of_status(status: int) -> str:
    """The code that stands for a bare status, as a web server's own errors have."""
    return _BY_STATUS.get(status, "bad_request" if status < 500 else "unexpected")
