/* Numbers as people read them, in the page's language, and sentences with values in them. */

const language = document.documentElement.lang || "en";
const SIZES = ["B", "KB", "MB", "GB", "TB"];

function number(value, style) {
  return new Intl.NumberFormat(language, style).format(value);
}

function measure(value, unit, digits = 0) {
  return number(value, { style: "unit", unit, unitDisplay: "short", maximumFractionDigits: digits });
}

/* As the site's pages write it: a KB has 1024 bytes, as in every limit. `per`: "/s" for a speed. */
export function size(bytes, per = "") {
  let unit = 0;
  while (bytes >= 1023.95 && unit < SIZES.length - 1) {
    bytes /= 1024;
    unit += 1;
  }
  return `${number(bytes, { maximumFractionDigits: unit ? 1 : 0 })}\u00a0${SIZES[unit]}${per}`;
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
