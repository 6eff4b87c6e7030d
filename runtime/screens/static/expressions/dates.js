// Functions of dates, instants and durations, by our own calendar: the browser's Date knows neither microseconds nor the year 1.
"use strict";
(() => {
  const own = globalThis.Carework.expressions;
  const { Day, Instant, Months, Workdays, Span, DAY_US, civil } = own.values;

  const MAX = { hours: 2000000n * 3600000000n, days: 1461000n * DAY_US, months: 48000, workdays: 1461000 };
  const within = (value, code) => {
    const [found, most] = [value.count ?? value.us, MAX[code]];
    return found <= most && found >= -most ? value : null;
  };

  const days = (us) => Number(us / DAY_US);
  const shiftDay = (rules) => (day, count) => rules.date_bounds(new Day(day.n + count));

  function shiftMonths(rules) {
    return (date, count) => {
      const { year, month, day } = civil(date.n);
      const whole = year * 12 + month - 1 + count;
      const [y, m] = [Math.floor(whole / 12), whole - 12 * Math.floor(whole / 12)];
      return rules.date_bounds(new Day(rules.month_end(y, m + 1, day)));
    };
  }

  // A date or instant and a duration, `sign` times.
  function shift(rules) {
    const [byDays, byMonths] = [shiftDay(rules), shiftMonths(rules)];
    return (when, span, sign, calendar) => {
      if (span instanceof Workdays) return calendar.shift(when, sign * span.count);
      if (when instanceof Instant) return rules.date_bounds(new Instant(when.us + BigInt(sign) * span.us));
      return span instanceof Months ? byMonths(when, sign * span.count) : byDays(when, sign * days(span.us));
    };
  }

  const isSpan = (x) => x instanceof Span || x instanceof Months || x instanceof Workdays;
  const sumOf = (x, y, sign) => x instanceof Span ? new Span(x.us + BigInt(sign) * y.us) : new x.constructor(x.count + sign * y.count);

  function plus(code, rules) {
    const by = shift(rules);
    return (x, y, calendar) => {
      if (isSpan(x) && isSpan(y)) return within(sumOf(x, y, 1), code);
      return isSpan(x) ? by(y, x, 1, calendar) : by(x, y, 1, calendar);
    };
  }

  function minus(code, rules) {
    const by = shift(rules);
    return (x, y, calendar) => {
      if (isSpan(x)) return within(sumOf(x, y, -1), code);
      if (isSpan(y)) return by(x, y, -1, calendar);
      return within(new Span(x instanceof Day ? BigInt(x.n - y.n) * DAY_US : x.us - y.us), code);
    };
  }

  function age(code, rules) {
    return (born, today) => {
      const [then, now] = [civil(born.n), civil(today.n)];
      return born.n > today.n ? null : now.year - then.year - (rules.leap_birthday(then, now) ? 1 : 0);
    };
  }

  const counted = (code, make) => () => (count) => Math.abs(count) <= 2 ** 45 ? within(make(count), code) : null;

  own.dates = {
    plus,
    minus,
    within,
    FUNCTIONS: {
      hours: counted("hours", (count) => new Span(BigInt(count) * 3600000000n)),
      days: counted("days", (count) => new Span(BigInt(count) * DAY_US)),
      months: counted("months", (count) => new Months(count)),
      years: counted("months", (count) => new Months(12 * count)),
      days_between: () => (from, to) => to.n - from.n,
      age,
    },
  };
})();
