"""Keys of definitions in the words of people: headings of inputs and of tables of elements."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["key_helps", "key_words"]

_KEYS: Mapping[str, tuple[str, str]] = {
    "label": ("Label", "名称"), "plural": ("Plural", "复数名称"), "help": ("Hint", "提示"), "title": ("Title of a record", "记录标题"),
    "required": ("Required", "必填"), "restricted": ("Restricted: needs a grant of its own", "受限：需单独授权"),
    "index": ("Quick to filter by", "建立索引"), "search": ("Found by search", "可被搜索"), "formula": ("Computed by", "计算公式"),
    "stored": ("Keep the computed value", "保存计算结果"), "of": ("Set of options", "选项集"), "to": ("To", "目标"),
    "from": ("From", "来源"), "max": ("At most", "最大"), "min": ("At least", "最小"), "places": ("Digits after the point", "小数位数"),
    "unit": ("Unit", "单位"), "pattern": ("Pattern", "格式"), "inverse": ("Called from there", "反向名称"),
    "on_delete": ("When the other is deleted", "关联记录被删除时"), "max_size": ("Largest file in bytes", "文件大小上限（字节）"),
    "accept": ("Kinds of file", "允许的文件类型"), "object": ("Object", "对象"), "default": ("The usual one", "设为默认"),
    "field": ("Field", "字段"), "heading": ("Heading", "小标题"), "note": ("Note", "说明"), "step": ("Begins a page", "新的一页"),
    "show": ("Shown when", "显示条件"), "read_only": ("Fixed", "只读"), "width": ("Width", "宽度"),
    "when_hidden": ("When hidden, its value is", "隐藏时的值"), "rows": ("Rows", "行"), "category": ("Category", "类别"),
    "color": ("Colour", "颜色"), "initial": ("Begins as", "初始状态"), "ask": ("Form to fill", "填写的表单"), "when": ("Only when", "条件"),
    "reason": ("Reason", "原因"), "can": ("May", "可执行"), "mask": ("Masked", "掩码显示"), "hide": ("Hidden", "隐藏"),
    "system": ("Rights on the system", "系统权限"), "subject": ("About whom", "关于谁"), "anchor": ("Counted from", "起算日期"),
    "enrol_when": ("Begins when", "入组条件"), "stop_when": ("Ends early when", "提前结束条件"),
    "running": ("Plans under way", "进行中的计划"), "at": ("When", "时间"), "every": ("Again every", "重复间隔"),
    "times": ("How often", "次数"), "window": ("May be done within", "可完成期限"), "calendar": ("Calendar", "日历"),
    "skip_when": ("Left out when", "跳过条件"), "create": ("Makes a record of", "创建记录"), "form": ("Form", "表单"),
    "message": ("Message", "消息"), "missed": ("When missed", "错过时"), "body": ("Text", "正文"), "channels": ("Channels", "渠道"),
    "purpose": ("Purpose", "用途"), "urgent": ("Urgent", "紧急"), "kind": ("Kind", "类型"), "filter": ("Only records with", "筛选"),
    "sort": ("Order", "排序"), "filters": ("Filters", "筛选项"), "columns": ("Columns", "列"), "fields": ("Fields", "字段"),
    "unique": ("Unique rules", "唯一规则"), "indexes": ("Indexes", "索引"), "checks": ("Checks", "校验"), "options": ("Options", "选项"),
    "items": ("Items", "条目"), "states": ("States", "状态"), "transitions": ("Transitions", "流转"), "timers": ("Timers", "定时"),
    "inputs": ("Inputs", "输入"), "outputs": ("Outputs", "输出"), "rules": ("Rules", "规则"), "bands": ("Bands", "分级"),
    "panels": ("Panels", "面板"), "steps": ("Steps", "步骤"), "grants": ("Grants", "授权"), "denials": ("Denials", "禁止"),
    "records": ("Records", "记录"), "rule": ("Rule", "规则"), "icon": ("Icon", "图标"), "path": ("Path", "路径"),
    "account": ("Records are people who sign in", "记录是登录人员"), "clinic": ("Records are clinics", "记录是诊所"),
    "roles": ("Roles", "角色"), "limit": ("Limit", "上限"), "start": ("Start", "开始"), "end": ("End", "结束"),
    "minutes": ("Minutes", "分钟"), "input": ("Input", "输入"), "if": ("If", "如果"), "do": ("Do", "执行"), "on": ("On", "对象"),
    "plan": ("Plan", "计划"), "then": ("Then", "动作"), "in": ("While in", "所处状态"),
    "belongs_to": ("Belongs to", "所属"), "roster": ("Duty hours", "排班"), "contact": ("How people are reached", "联系方式"),
    "task": ("Something to do", "待办设置"), "type": ("Type", "类型"), "scope": ("Within", "范围"), "order": ("Order", "顺序"),
    "card": ("On a card", "卡片内容"), "color_by": ("Coloured by", "着色依据"), "fire": ("Takes the step", "执行流转"),
    "hit": ("When several rules match", "多条规则匹配时"), "value": ("Value", "取值"), "missing": ("A missing answer", "缺少回答时"),
    "points": ("Points", "分值"), "range": ("Points from … to", "分数范围"), "head": ("In the head", "页首字段"), "view": ("List", "列表"),
    "link": ("Link", "链接"), "side": ("In the narrow column", "放在侧栏"), "alert": ("Warns at the head", "在页首警示"),
    "mine": ("Only mine", "仅限本人"), "values": ("Values", "字段取值"), "given": ("Who is there", "已有记录"), "key": ("Found again by", "识别字段"),
    "upgrade": ("A record that is there already", "记录已存在时"),
}

_OF_GRANTS: Mapping[str, tuple[str, str]] = {
    "show": ("Restricted fields that are seen", "可见的受限字段"), "rows": ("Only records where", "仅限满足条件的记录"),
}
"""Keys that mean something else in a grant than in a form."""


def key_words(language: str, section: str | None = None) -> dict[str, str]:
    """Key → heading in a language, for the elements of a section; keys that it lacks are shown as they are written."""
    known = {**_KEYS, **_OF_GRANTS} if section in ("grants", "denials") else _KEYS
    return {key: chinese if language.startswith("zh") else english for key, (english, chinese) in known.items()}


_HELPS: Mapping[str, tuple[str, str]] = {
    "title": ("What a record is called, e.g. {name} · {number}", "记录的显示名称，如 {name} · {number}"),
    "plural": ("The heading of lists", "用作列表的标题"),
    "help": ("Stands beside the input", "显示在输入框旁"),
    "required": ("A record cannot be saved without it", "不填写则无法保存"),
    "restricted": ("Seen only by roles whose grants name it", "只有在授权中列出该字段的角色才能看到"),
    "index": ("Lists are filtered by it quickly", "列表可快速按此筛选"),
    "search": ("The search box looks in it", "搜索框会查找此字段"),
    "formula": ("Computed from the record, e.g. age(birth_date)", "由记录计算得出，如 age(birth_date)"),
    "stored": ("Kept up to date in the database, so that lists can sort by it", "保存并自动更新，列表可按此排序"),
    "of": ("Options that several fields share", "多个字段共用的选项"),
    "to": ("Where it leads", "指向何处"),
    "from": ("Several with commas between them", "多个之间用逗号分隔"),
    "can": ("read, create, update, delete, export and names of transitions, with commas",
            "read、create、update、delete、export 及流转名称，逗号分隔"),
    "rows": ("Only records for which this holds, e.g. assignee == user.id", "仅限满足条件的记录，如 assignee == user.id"),
    "show": ("A condition on the answers, e.g. pain > 6", "关于回答的条件，如 pain > 6"),
    "mask": ("Fields of which only a part is seen", "只显示部分内容的字段"),
    "hide": ("Fields that are not seen", "不可见的字段"),
    "when": ("A condition on the record, e.g. has(pain) && pain < 7", "关于记录的条件，如 has(pain) && pain < 7"),
    "ask": ("A form that is filled on the way", "流转时需要填写的表单"),
    "reason": ("Whether the person says why", "是否需要说明原因"),
    "category": ("How the state is drawn and counted", "决定状态的显示与统计方式"),
    "at": ("When, e.g. anchor + days(7)", "时间，如 anchor + days(7)"),
    "every": ("A span of time, e.g. months(6)", "间隔，如 months(6)"),
    "window": ("So long it may still be done, e.g. days(3)", "可完成的期限，如 days(3)"),
    "skip_when": ("It is left out where this is true", "条件成立时跳过此步骤"),
    "anchor": ("The object that begins it and the date that steps count from, e.g. treatment.started_on",
               "起始对象及起算日期，如 treatment.started_on"),
    "enrol_when": ("Records for which this becomes true begin it", "记录满足此条件时自动入组"),
    "stop_when": ("When it ends early", "何时提前结束"),
    "filter": ("Only records for which this holds", "仅显示满足条件的记录"),
    "sort": ("Fields with commas; a minus turns the order round, e.g. -due", "字段，逗号分隔；前加减号为降序，如 -due"),
    "rule": ("What must hold, e.g. end >= start", "必须满足的条件，如 end >= start"),
}


_HELPS_OF_GRANTS: Mapping[str, tuple[str, str]] = {
    "show": ("Names of fields, with commas", "字段名称，逗号分隔"),
}


def key_helps(language: str, section: str | None = None) -> dict[str, str]:
    """Key → what stands below its input, for the elements of a section."""
    known = {**_HELPS, **_HELPS_OF_GRANTS} if section in ("grants", "denials") else _HELPS
    return {key: chinese if language.startswith("zh") else english for key, (english, chinese) in known.items()}
