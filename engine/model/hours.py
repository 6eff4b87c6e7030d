"""When the clinics are open, by day of the week."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Mapping

from engine.expressions.calendar import Calendar

__all__ = ["Hours", "Span"]

Span = tuple[datetime.time, datetime.time]


@dataclasses.dataclass(frozen=True, slots=True)
class Hours:
    """Spans of each ISO day of the week (Monday 1 to Sunday 7), in order, none over midnight; a day without any is closed.

    Nothing written down means open all day on working days.
    """

    spans: Mapping[int, tuple[Span, ...]] = dataclasses.field(default_factory=dict)

    def of(self, day: datetime.date, calendar: Calendar) -> tuple[Span, ...]:
        """When the clinics are open on a day; () when they are closed.

        A holiday is closed. A day worked to make up for one, on which they are closed otherwise, has the hours of the week's first open day.
        """
        made_up = day in calendar.make_up_days
        if day in calendar.holidays and not made_up:
            return ()
        if not self.spans:
            return ((datetime.time.min, datetime.time.max),) if calendar.works(day) else ()
        own = self.spans.get(day.isoweekday(), ())
        if own or not made_up:
            return own
        return next((self.spans[each] for each in sorted(self.spans) if self.spans[each]), ())
