// Names such as dL/dA2[0] as formulas of MathML.

import { el, math } from "./dom.js";

const part = (text) => {
  const match = /^(d?)([A-Za-z]+)(\d*)(?:\[([^\]]*)\])?$/.exec(text.trim());
  if (!match) return math("mtext", {}, text);
  const [, d, letter, layer, index] = match;
  const name = math("mi", {}, index === undefined ? letter : letter.toLowerCase());
  const lower = index === undefined ? null : math("mrow", {}, index.split(",").flatMap((one, i) => [i ? math("mo", {}, ",") : null, math(/^\d+$/.test(one.trim()) ? "mn" : "mtext", {}, one.trim())]));
  const upper = layer === "" ? null : math("mrow", {}, math("mo", {}, "("), math("mn", {}, layer), math("mo", {}, ")"));
  let symbol = name;
  if (lower && upper) symbol = math("msubsup", {}, name, lower, upper);
  else if (lower) symbol = math("msub", {}, name, lower);
  else if (upper) symbol = math("msup", {}, name, upper);
  return d ? math("mrow", {}, math("mo", { form: "prefix" }, "∂"), symbol) : symbol;
};

export function symbol(name) {
  const at = name.indexOf("/");
  if (at < 0) return part(name);
  return math("mfrac", {}, part(name.slice(0, at)), part(name.slice(at + 1)));
}

// The last of a formula; elsewhere what is negative stands in brackets.
export const result = (text) => (text.startsWith("−") ? math("mrow", {}, math("mo", { form: "prefix" }, "−"), math("mn", {}, text.slice(1))) : math("mn", {}, text));

export const number = (text) => (text.startsWith("−") ? math("mrow", {}, op("("), result(text), op(")")) : result(text));

const between = (parts, operator) => parts.flatMap((one, i) => (i ? [math("mo", {}, operator), one] : [one]));

// In two lines, of symbols and of numbers: on one, it would be wider than most screens.
export const product = (left, factors, total) => [
  [symbol(left), op("="), between(factors.map((f) => symbol(f.name)), "·")],
  [op("="), between(factors.map((f) => number(f.text)), "·"), op("="), result(total)],
].map((line) => math("math", { display: "block" }, math("mrow", {}, line)));

export const inline = (...children) => math("math", { displaystyle: "true" }, math("mrow", {}, children));
// A formula, with what a screen reader says in its place.
export const spoken = (text, ...children) => {
  const shown = inline(...children.flat(9).filter(Boolean));
  shown.setAttribute("aria-hidden", "true");
  return [el("span", { class: "unseen" }, text), shown];
};

export const op = (text) => math("mo", { stretchy: "false" }, text);
