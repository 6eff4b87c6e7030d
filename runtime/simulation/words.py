"""What kinds of events and the codes behind them are called, in the languages of the screens."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["JOBS", "KINDS", "WHY"]

KINDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "enrolled": "begins", "ended": "ends", "created": "new", "changed": "goes on", "skipped": "left out", "missed": "missed",
        "planned": "planned", "stopped": "stopped", "message": "message", "failed": "fails",
    },
    "zh": {
        "enrolled": "开始", "ended": "结束", "created": "新建", "changed": "进展", "skipped": "跳过", "missed": "错过", "planned": "计划中",
        "stopped": "已停止", "message": "消息", "failed": "失败",
    },
}
"""By language, then by `Event.kind`."""

WHY: Mapping[str, Mapping[str, str]] = {
    "en": {
        "by_hand": "by hand", "condition": "its stop condition holds", "window": "its window passed", "when": "its condition does not hold",
        "skip_when": "its condition for being left out holds", "merged": "a later one stands for it", "cancelled": "cancelled",
        "rule": "by its condition", "hand": "by hand", "effect": "by a transition", "deleted": "the record was deleted",
        "finished": "all is done", "downtime": "nothing ran then", "late": "done after its window", "duplicate": "there is one already",
        "retired": "retired", "aside": "it was refused, and nobody would notice but the operators",
        "held_up": "its day passed, but it did not come: what failed before holds it up",
    },
    "zh": {
        "by_hand": "人工", "condition": "满足停止条件", "window": "已过时间窗", "when": "不满足条件", "skip_when": "满足跳过条件",
        "merged": "由后一次代替", "cancelled": "已取消", "rule": "按条件", "hand": "人工", "effect": "由流转触发", "deleted": "记录已删除",
        "finished": "全部完成", "downtime": "当时未运行", "late": "过了时间窗才完成", "duplicate": "已有同样的记录", "retired": "已停用",
        "aside": "被拒绝，除运维人员外无人知晓", "held_up": "日期已过但未执行：之前的失败使其停滞",
    },
}
"""By language, then by a code of `runtime.plans.reasons` or of how somebody came onto a plan."""

JOBS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "plan": "Follow-up plan", "plan_sweep": "Follow-up plans", "timer": "Deadline", "timers": "Deadlines",
        "effects": "What follows from a transition", "message": "Message", "search": "Search",
    },
    "zh": {
        "plan": "随访计划", "plan_sweep": "随访计划", "timer": "时限", "timers": "时限", "effects": "流转的后续动作",
        "message": "消息", "search": "搜索",
    },
}
"""By language, then by the kind of a job that failed; of a step of a plan the step is named instead."""
