// Numbers, times and words as the terminal's board writes them, with typographic signs.

const NARROW = "\u202f";
const MINUS = "\u2212";
const RAISED = {
  "-": "⁻",
  0: "⁰",
  1: "¹",
  2: "²",
  3: "³",
  4: "⁴",
  5: "⁵",
  6: "⁶",
  7: "⁷",
  8: "⁸",
  9: "⁹",
};

/** A number of the JSON, in which "nan", "inf" and "-inf" are texts. */
export function number(value) {
  if (typeof value === "number") return value;
  return {nan: NaN, inf: Infinity, "-inf": -Infinity}[value] ?? NaN;
}

export const score = (value) => general(number(value), 6);

/** The value of a hyperparameter; a dash when it does not count. */
export function hyperparameter(value) {
  if (value === undefined) return "–";
  if (typeof value === "number") return general(value, 4);
  return written(value);
}

/** A value as one text: lists and null as their JSON. */
export function written(value) {
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

export function general(value, digits) {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : MINUS + "∞";
  if (value === 0) return "0";
  const [mantissa, power] = Math.abs(value).toExponential(digits - 1).split("e");
  const exponent = Number(power);
  const sign = value < 0 ? MINUS : "";
  if (exponent < -4 || exponent >= Math.max(digits, 7)) {
    return sign + trimmed(mantissa) + "×10" + raised(exponent);
  }
  const decimals = Math.max(0, digits - 1 - exponent);
  return sign + grouped(trimmed(Math.abs(value).toFixed(decimals)));
}

export function raised(exponent) {
  return [...String(exponent)].map((digit) => RAISED[digit]).join("");
}

function trimmed(digits) { return digits.includes(".") ? digits.replace(/\.?0+$/, "") : digits; }

function grouped(digits) {
  const [whole, fraction] = digits.split(".");
  const parts = whole.length > 4 ? whole.replace(/\B(?=(\d{3})+$)/g, NARROW) : whole;
  return fraction === undefined ? parts : parts + "." + fraction;
}

/** `12345` as `12 345`. */
export function count(value) {
  if (value === undefined || value === null) return "–";
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, NARROW);
}

export function counted(value, noun, nouns = noun + "s") {
  return `${count(value)} ${value === 1 ? noun : nouns}`;
}

/** Never rounded up to the whole. */
export function percent(share) {
  return `${Math.floor(Math.min(Math.max(share, 0), 1) * 100 + 1e-9)}${NARROW}%`;
}

/** Of parts that make up a whole. */
export function share(value) { return `${Math.round(value * 100)}${NARROW}%`; }

export function rate(perSecond) {
  if (!(perSecond > 0)) return "0/s";
  if (perSecond < 1) return `${general(perSecond * 60, 2)}/min`;
  if (perSecond < 9.95) return `${general(perSecond, 2)}/s`;
  return `${count(perSecond)}/s`;
}

const UNITS = [["d", 86400], ["h", 3600], ["m", 60], ["s", 1]];

/** The two largest units: `2 h 5 m`, `1 m 17 s`, `0.4 s`. */
export function duration(seconds) {
  if (!Number.isFinite(seconds)) return "–";
  if (seconds < 10) return `${general(Math.max(seconds, 0), seconds < 1 ? 1 : 2)}${NARROW}s`;
  let rest = Math.round(seconds);
  const first = UNITS.findIndex(([, size]) => rest >= size);
  const texts = [];
  for (const [unit, size] of UNITS.slice(first, first + 2)) {
    const whole = Math.floor(rest / size);
    rest -= whole * size;
    if (whole > 0) texts.push(`${whole}${NARROW}${unit}`);
  }
  return texts.join(" ");
}

const two = (value) => String(value).padStart(2, "0");

/** The time of day here, and the date when it is not today's. */
export function clock(text, now = new Date()) {
  const time = new Date(text);
  if (Number.isNaN(time.getTime())) return "–";
  const day = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  const hours = `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
  return time.toDateString() === now.toDateString() ? hours : `${day} ${hours}`;
}

/** A text of others as it may be shown: one line, and not endless. */
export function short(text, length = 60) {
  const line = String(text);
  return line.length > length ? line.slice(0, length - 1) + "…" : line;
}
