/* Numbers as people read them, in the page's language, and sentences with values in them. */

const language = document.documentElement.lang || "en";
const SIZES = ["byte", "kilobyte", "megabyte", "gigabyte"];

function measure(value, unit, digits = 0) {
  const style = { style: "unit", unit, unitDisplay: "short", maximumFractionDigits: digits };
  return new Intl.NumberFormat(language, style).format(value);
}

/* A kilobyte has 1024 bytes, as in every limit of the site. `per`: "-per-second" for a speed. */
export function size(bytes, per = "") {
  let unit = 0;
  while (bytes >= 1024 && unit < SIZES.length - 1) {
    bytes /= 1024;
    unit += 1;
  }
  return measure(bytes, SIZES[unit] + per, unit > 1 ? 1 : 0);
}

export function time(seconds) {
  if (seconds < 90) return measure(Math.max(1, Math.round(seconds)), "second");
  if (seconds < 5400) return measure(Math.round(seconds / 60), "minute");
  return measure(seconds / 3600, "hour", 1);
}

/* "{done} of {all}" with its values. */
export function fill(sentence, values) {
  return sentence.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}
