// The working days of an organisation: the weekend, holidays, and days of the weekend that are worked to make up for them.
"use strict";
(() => {
  const own = globalThis.Carework.expressions;
  const { Day, Workdays, LAST_DAY } = own.values;

  // How many of the sorted numbers are at most `most`.
  function upTo(sorted, most) {
    let [low, high] = [0, sorted.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sorted[middle] <= most) low = middle + 1; else high = middle;
    }
    return low;
  }

  // `weekend` holds days of the week from Monday, 1, to Sunday, 7; `holidays` and `makeUpDays` are days in any order.
  class Calendar {
    constructor(weekend, holidays, makeUpDays) {
      const isWeekend = (n) => weekend.includes(((n + 6) % 7) + 1);
      const made = new Set(makeUpDays.map((day) => day.n));
      const sorted = (days) => [...new Set(days)].sort((x, y) => x - y);
      this.perWeek = [0, 1, 2, 3, 4, 5, 6, 7].map((rest) => [1, 2, 3, 4, 5, 6, 7].slice(0, rest).filter((day) => !weekend.includes(day)).length);
      this.off = sorted(holidays.map((day) => day.n).filter((n) => !made.has(n) && !isWeekend(n)));
      this.on = sorted([...made].filter(isWeekend));
    }

    // Working days from 1 January of the year 1, a Monday, to the day, both included.
    count(n) {
      return Math.floor(n / 7) * this.perWeek[7] + this.perWeek[((n % 7) + 7) % 7] - upTo(this.off, n) + upTo(this.on, n);
    }

    // The `count`-th working day after the day, or before it; null outside the years 1 to 9999 or when no day is worked.
    shift(day, count) {
      if (count === 0) return day;
      const wanted = count > 0 ? this.count(day.n) + count : this.count(day.n - 1) + count + 1;
      if (wanted < 1 || wanted > this.count(LAST_DAY)) return null;
      let [low, high] = [0, LAST_DAY];
      while (low < high) {
        const middle = (low + high) >> 1;
        if (this.count(middle) >= wanted) high = middle; else low = middle + 1;
      }
      return new Day(low);
    }
  }

  const MAX = 1461000;
  own.workdays = {
    Calendar,
    FUNCTIONS: {
      workdays: () => (count) => Math.abs(count) <= MAX ? new Workdays(count) : null,
      workdays_between: () => (from, to, calendar) => calendar.count(to.n) - calendar.count(from.n),
    },
  };
})();
