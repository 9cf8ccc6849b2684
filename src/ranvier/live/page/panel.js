// The panel of one unit: its inputs, its output, and whether it still learns.

import { el, svg } from "./dom.js";
import { bars, field } from "./parts.js";
import { scale, ticks } from "./scale.js";
import { count, number, share, t } from "./text.js";

// edit(i, value), where weights may be set by hand.
export function panel(told, { name, close, edit }) {
  const facts = [
    [t("panel.activation"), told.activation],
    [t("panel.bias"), number(told.bias)],
    [t("panel.bias_gradient"), number(told.bias_gradient)],
    [t("panel.gradient"), number(told.gradient_norm)],
    [t("panel.saturated"), share(told.saturated)],
  ];
  const entries = told.weights.map((weight) => ({ label: weight.name, value: weight.value, text: number(weight.value), gradient: number(weight.gradient, 2), index: weight.index }));
  const press = edit && ((entry) => el("input", {
    type: "number", step: "any", class: "weight", id: `weight-${entry.index}`, value: Number(entry.value.toPrecision(4)), "aria-label": t("panel.edit", { name: entry.label }),
    onchange: (event) => event.target.value !== "" && edit(entry.index, Number(event.target.value)),
  }));
  return el("aside", { class: "card panel", "aria-label": name },
    el("div", { class: "panel-head" }, el("h2", {}, name), el("button", { type: "button", class: "small", id: "close-panel", onclick: close, "aria-label": t("panel.close") }, "✕")),
    told.dead ? el("p", { class: "warning" }, t("panel.dead")) : null,
    el("dl", {}, facts.map(([term, value]) => [el("dt", {}, term), el("dd", {}, value)])),
    edit ? field(t("panel.edit_bias"), el("input", { type: "number", step: "any", id: "bias", value: Number(told.bias.toPrecision(4)), onchange: (event) => edit(-1, Number(event.target.value)) })) : null,
    el("div", { class: "histograms" }, histogram(told.Z, t("panel.Z"), t("panel.Z_note")), histogram(told.A, t("panel.A"), t("panel.A_note"))),
    el("p", { class: "note" }, t("panel.gradient_note", { rows: count(told.rows) })),
    bars(entries, { title: told.inputs > entries.length ? t("panel.strongest", { shown: entries.length, all: count(told.inputs) }) : t("panel.weights"), press }));
}

export function histogram(told, title, note) {
  const [width, height, bottom] = [300, 110, 20];
  const most = Math.max(1, ...told.counts);
  const step = (width - 12) / told.counts.length;
  const x = scale(told.low, told.high, 6, width - 6);
  const middle = told.quantiles ? t("panel.quantiles", { low: number(told.quantiles[0], 3), middle: number(told.quantiles[1], 3), high: number(told.quantiles[2], 3) }) : "";
  return el("figure", { class: "histogram" },
    el("figcaption", {}, el("b", {}, title), " ", el("span", { class: "note" }, note)),
    svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": `${title}. ${middle}` },
      told.counts.map((n, i) => {
        const tall = ((height - bottom - 6) * n) / most;
        return svg("rect", { x: 6 + i * step + 0.5, y: height - bottom - tall, width: Math.max(0.5, step - 1), height: tall, class: "column" });
      }),
      svg("line", { x1: 6, x2: width - 6, y1: height - bottom, y2: height - bottom, class: "base" }),
      ticks(x, 4).map((v) => svg("text", { x: Math.min(Math.max(x(v), 14), width - 14), y: height - 6, class: "below" }, number(v, 3)))),
    middle ? el("p", { class: "summary" }, middle) : null);
}
