// The words of the page, from one catalogue a language, and numbers as they are written.

let words = {};
let fallback = {};
let tag = "en";
let numbers = {};

export const LANGUAGES = { en: "English", ko: "한국어" };

const load = async (name) => (await fetch(`assets/${name}.json`)).json();

export async function speak(name) {
  tag = name in LANGUAGES ? name : "en";
  words = await load(tag);
  fallback = words;
  document.documentElement.lang = tag;
  numbers = {
    count: new Intl.NumberFormat(tag),
    share: new Intl.NumberFormat(tag, { style: "percent", maximumFractionDigits: 1 }),
    date: new Intl.DateTimeFormat(tag, { dateStyle: "medium", timeStyle: "short" }),
  };
}

export const language = () => tag;

// A sentence of the catalogue, with its named places filled.
export function t(key, places = {}) {
  const sentence = words[key] ?? fallback[key] ?? key;
  return sentence.replace(/\{(\w+)\}/g, (_, name) => String(places[name] ?? ""));
}

export const has = (key) => key in words;

export const count = (value) =>
  value === null || value === undefined ? "–" : numbers.count.format(value);

export const share = (value) =>
  value === null || value === undefined ? "–" : numbers.share.format(value);

export const when = (iso) => (iso ? numbers.date.format(new Date(iso)) : "–");

// A number in about four digits, as short as it can be.
export function number(value, digits = 4) {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  if (typeof value !== "number") return String(value);
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e6 || size < 1e-4) return value.toExponential(2).replace("-", "−");
  return String(Number(value.toPrecision(digits))).replace("-", "−");
}

// A name in so many letters, its end among them: of many columns, the ends are what differs.
export function cut(name, most) {
  const letters = [...String(name)];
  if (letters.length <= most) return letters.join("");
  const end = Math.floor((most - 1) / 2);
  return [...letters.slice(0, most - 1 - end), "…", ...letters.slice(-end)].join("");
}

// The name of a curve, a metric or a parameter, where the catalogue has one.
export function named(kind, name) {
  const key = `${name.startsWith("metric: ") ? "chart" : kind}.${name}`;
  return key in words ? words[key] : name.replace(/^metric: /, "").replaceAll("_", " ");
}
