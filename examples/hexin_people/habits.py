"""What the staff do with the tasks that plans give them: most are done on their day, some late, some not at all."""

from __future__ import annotations

import datetime
import random
from collections.abc import Mapping

from examples.hexin_people.rows import Move

__all__ = ["Habits"]

_OUTCOMES = ("恢复良好，无明显不适", "轻微肿胀，已嘱咐冰敷", "疼痛可忍，按时服药", "已预约复诊", "伤口愈合正常，继续观察")
_REASONS = ("患者要求取消", "已在外院复查", "重复任务")


class Habits:
    """The same seed and the same tasks in the same order give the same work."""

    def __init__(self, seed: int) -> None:
        self._rng = random.Random(seed)

    def moves(self, object: str, step: str, due: datetime.date) -> tuple[Move, ...]:
        """What becomes of a task on and after the day it is due; times are in UTC, within the clinics' hours."""
        chance = self._rng.random()
        late = 0 if chance < 0.80 else 1
        at = datetime.datetime.combine(due + datetime.timedelta(days=late), datetime.time(self._rng.randrange(1, 9)), datetime.UTC)
        if chance > 0.94:
            return ()
        if chance > 0.90:
            return (Move("cancel", at, reason=self._rng.choice(_REASONS)),)
        answers = self._answers(object, step)
        if object != "followup_task":
            return (Move("complete", at, answers),)
        return (Move("start", at), Move("complete", at + datetime.timedelta(minutes=6), answers))

    def _answers(self, object: str, step: str) -> Mapping[str, object]:
        rng = self._rng
        if object == "bp_check":
            systolic = min(210, max(95, int(rng.gauss(136, 14))))
            found: dict[str, object] = {"systolic": systolic, "diastolic": min(109, max(55, systolic - rng.randrange(40, 60))), "adherence": "always"}
            if systolic >= 180:
                found["symptoms"] = [rng.choice(("headache", "dizziness"))]
            elif rng.random() < 0.15:
                found |= {"adherence": "sometimes", "why_not": rng.choice(("忘记服药", "自觉无不适", "药已用完"))}
            return found
        if object == "anc_contact":
            found = {"weight": f"{rng.uniform(52, 78):.1f}", "systolic": rng.randrange(100, 138), "diastolic": rng.randrange(60, 86)}
            if step != "孕 12 周产检":
                found |= {"heart_rate": rng.randrange(125, 160), "movements": "felt"}
            return found
        pain = min(10, max(0, int(rng.gauss(2, 2))))
        found = {"pain": pain, "outcome": rng.choice(_OUTCOMES)}
        if step in ("术后第 1 天回访", "术后一周回访", "疼痛追访"):
            found["swelling"] = rng.choices(("none", "slight", "strong"), weights=(5, 4, 1))[0]
        if step == "术后第 1 天回访":
            found["medicine_taken"] = rng.random() < 0.9
        return found
