// The numbers at which an axis is marked, and how they are written.

import {general, raised} from "../format.js";

/** The least 1, 2 or 5 times a power of ten that is not below a width. */
export function niceStep(width) {
  const exponent = Math.floor(Math.log10(width));
  for (const digit of [1, 2, 5, 10]) {
    const step = digit * 10 ** exponent;
    if (step >= width * (1 - 1e-12)) return step;
  }
  return 10 ** (exponent + 1);
}

/** Ticks at equal distances: `{value, text}`. */
export function linear([from, to], atMost, {whole = false} = {}) {
  let step = niceStep((to - from) / Math.max(atMost, 1));
  if (whole) step = Math.max(1, step);
  return marks(from, to, step, (value) => plain(value, step));
}

function marks(from, to, step, text) {
  const ticks = [];
  const first = Math.ceil(from / step - 1e-9);
  const last = Math.floor(to / step + 1e-9);
  for (let index = first; index <= last; index += 1) {
    // Dividing by the inverse rounds once, so that 3 × 0.1 is 0.3.
    const value = step < 1 ? index / Math.round(1 / step) || 0 : index * step;
    const exact = Math.abs(value - index * step) <= step * 1e-6 ? value : index * step;
    ticks.push({value: exact, text: text(exact)});
  }
  return ticks;
}

/** All with the same number of decimals. */
function plain(value, step) {
  if (value !== 0 && (Math.abs(value) >= 1e7 || step < 1e-5)) return general(value, 4);
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const [whole, fraction] = Math.abs(value).toFixed(decimals).split(".");
  const digits = whole.replace(/\B(?=(\d{3})+$)/g, "\u202f") + (fraction ? "." + fraction : "");
  return (value < 0 ? "\u2212" : "") + digits;
}

/** Ticks of a logarithmic axis over positive numbers. */
export function logarithmic([from, to], atMost) {
  const decades = Math.log10(to / from);
  if (decades < 0.7) return linear([from, to], atMost);
  const first = Math.floor(Math.log10(from) + 1e-9);
  const last = Math.ceil(Math.log10(to) - 1e-9);
  const digits = decades <= atMost / 3 ? [1, 2, 5] : decades <= atMost / 2 ? [1, 3] : [1];
  const stride = digits.length > 1 ? 1 : Math.max(1, Math.ceil(decades / atMost));
  const usesPowers = from < 1e-3 || to >= 1e5;
  const ticks = [];
  for (let exponent = first; exponent <= last; exponent += 1) {
    if (exponent % stride !== 0) continue;
    for (const digit of digits) {
      const value = Number(`${digit}e${exponent}`);
      if (value < from * (1 - 1e-9) || value > to * (1 + 1e-9)) continue;
      const power = (digit > 1 ? `${digit}×10` : "10") + raised(exponent);
      ticks.push({value, text: usesPowers ? power : general(value, 6)});
    }
  }
  return ticks;
}

const SECONDS =
  [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400];

/** Ticks of a time in seconds: 30 s, 5 m, 1 h 30 m, 2 d. */
export function time([from, to], atMost) {
  const width = (to - from) / Math.max(atMost, 1);
  if (width < 1)
    return linear([from, to], atMost).map((tick) => ({...tick, text: tick.text + "\u202fs"}));
  const step = SECONDS.find((each) => each >= width) ?? niceStep(width / 86400) * 86400;
  return marks(from, to, step, clockLike);
}

function clockLike(seconds) {
  if (seconds === 0) return "0";
  const parts = [];
  let rest = Math.round(seconds);
  for (const [unit, size] of [["d", 86400], ["h", 3600], ["m", 60], ["s", 1]]) {
    const whole = Math.floor(rest / size);
    rest -= whole * size;
    if (whole > 0) parts.push(`${whole}\u202f${unit}`);
  }
  return parts.join(" ");
}
