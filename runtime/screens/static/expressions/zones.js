// The clocks of time zones. The browser knows their rules (Intl); the arithmetic stays ours.
"use strict";
(() => {
  const own = globalThis.Carework.expressions;
  const { DAY_US, ordinal } = own.values;
  const EPOCH = BigInt(ordinal(1970, 1, 1) - 1) * DAY_US;
  const OFFSET = /^([+-]?)([0-9]{2}):([0-9]{2})$/;
  const clocks = new Map();

  function clock(zone) {
    if (!clocks.has(zone)) {
      clocks.set(zone, new Intl.DateTimeFormat("en-US", {
        timeZone: zone, calendar: "gregory", numberingSystem: "latn", hourCycle: "h23", era: "short", year: "numeric", month: "numeric",
        day: "numeric", hour: "numeric", minute: "numeric", second: "numeric",
      }));
    }
    return clocks.get(zone);
  }

  // Microseconds since the year 1 began, as a clock of the zone shows them; raises RangeError for a zone that is none.
  function local(us, zone) {
    if (zone === "UTC") return us;
    const offset = OFFSET.exec(zone);
    if (offset) return us + BigInt((Number(offset[2]) * 60 + Number(offset[3])) * (offset[1] === "-" ? -60 : 60)) * 1000000n;
    const seconds = (us - EPOCH - (((us - EPOCH) % 1000000n) + 1000000n) % 1000000n) / 1000000n;
    const shown = Object.fromEntries(clock(zone).formatToParts(Number(seconds) * 1000).map(({ type, value }) => [type, value]));
    const year = shown.era === "BC" ? 1 - Number(shown.year) : Number(shown.year);
    const day = BigInt(ordinal(year, Number(shown.month), Number(shown.day)) - 1);
    const time = Number(shown.hour) * 3600 + Number(shown.minute) * 60 + Number(shown.second);
    return day * DAY_US + BigInt(time) * 1000000n + (us - EPOCH - seconds * 1000000n);
  }

  own.local = local;
})();
