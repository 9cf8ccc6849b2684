// The network as a drawing: each unit is a small map of its output, with weights between.

import { response, sign } from "./colours.js";
import { el, svg } from "./dom.js";
import { count, cut, number, t } from "./text.js";

const UNIT = 44;
const GAP = 14;

// A line on what is pointed at. It keeps the height of its hint: were it to change, what stands
// below would move away from under the pointer.
export function hoverLine() {
  const hint = el("span", {}, t("network.hint"));
  const found = el("span", {});
  const tell = (text) => {
    found.textContent = text;
    hint.classList.toggle("hidden", text !== "");
  };
  return { node: el("p", { class: "hover", "aria-hidden": "true" }, hint, found), tell };
}

// How wide a name may be, in the drawing's units; letters from Hangul on are the widest.
const nameWidth = (name) => [...name].reduce((sum, letter) => sum + (letter > "\u10ff" ? 13 : 8), 0);

// view: the response of api/network; choose(layer, unit), hover(text).
export function drawing(view, { chosen, choose, hover }) {
  const layers = [
    { units: view.inputs.units, size: view.inputs.size, input: true },
    ...view.layers,
  ];
  const tall = Math.max(...layers.map((layer) => layer.units.length));
  const answers = layers.at(-1).units.map((unit) => cut(view.outputs[unit.index], 13));
  const LABEL = 20 + Math.max(...view.inputs.units.map((unit) => nameWidth(cut(unit.name, 15))));
  const height = tall * (UNIT + GAP) + 46;
  const across = Math.max(84, Math.min(170, 640 / layers.length));
  const width = LABEL + (layers.length - 1) * (across + UNIT) + UNIT + 20 + Math.max(...answers.map(nameWidth));
  const x = (layer) => LABEL + layer * (across + UNIT);
  const y = (layer, place) => 30 + (tall - layers[layer].units.length) * (UNIT + GAP) / 2 + place * (UNIT + GAP);
  const place = layers.map((layer) => new Map(layer.units.map((unit, i) => [unit.index, i])));

  const most = view.weights.map((all) => Math.max(1e-12, ...all.map((w) => Math.abs(w[2]))));
  const edges = view.weights.map((all, l) => svg("g", { class: "edges" },
    [...all].reverse().map(([i, j, w]) => {
      const from = [x(l) + UNIT, y(l, place[l].get(i)) + UNIT / 2];
      const to = [x(l + 1), y(l + 1, place[l + 1].get(j)) + UNIT / 2];
      const bend = (to[0] - from[0]) / 2;
      const part = Math.abs(w) / most[l];
      const contribution = view.embedded && l === 0; // what a column adds, which has no sign
      const name = t(contribution ? "network.contribution" : "network.weight", { from: sourceName(view, l, i), to: unitName(view, l, j), value: number(w) });
      return svg("path", {
        d: `M${from}C${from[0] + bend},${from[1]} ${to[0] - bend},${to[1]} ${to}`,
        class: contribution ? "contribution" : null, stroke: contribution ? null : sign(w), "stroke-width": (0.4 + 5 * part).toFixed(2), "stroke-opacity": (0.15 + 0.75 * part).toFixed(2),
        "stroke-dasharray": w < 0 ? "7 4" : null,
        onpointerenter: () => hover(name), onpointerleave: () => hover(""),
      }, svg("title", {}, name));
    })));

  const nodes = layers.map((layer, l) => layer.units.map((unit, i) => node(view, layer, l, unit, x(l), y(l, i), { chosen, choose, hover })));
  const heads = layers.map((layer, l) => svg("text", { x: x(l) + UNIT / 2, y: 16, class: "head" },
    layer.input ? t("network.inputs") : l === layers.length - 1 ? t("network.outputs") : `${t("network.layer", { layer: l })} · ${layer.activation}`));
  const hidden = layers.map((layer, l) => layer.size > layer.units.length
    ? svg("text", { x: x(l) + UNIT / 2, y: y(l, layer.units.length) + 4, class: "more" }, t("network.more", { more: count(layer.size - layer.units.length) })) : null);
  const outputs = layers.at(-1).units.map((unit, i) => svg("text", { x: x(layers.length - 1) + UNIT + 8, y: y(layers.length - 1, i) + UNIT / 2, class: "name out" }, answers[i]));
  return svg("svg", {
    class: "network", viewBox: `0 0 ${width} ${height}`, role: "group", "aria-label": t("network.drawing"),
    style: { maxWidth: `${width * 1.15}px`, minWidth: `${width * 0.62}px` },
  }, edges, heads, hidden, nodes, outputs);
}

function node(view, layer, l, unit, x, y, { chosen, choose, hover }) {
  const dark = unit.still && !layer.input ? " still" : "";
  const image = svg("image", { href: response(unit.response, view.grid), x, y, width: UNIT, height: UNIT, preserveAspectRatio: "none" });
  if (layer.input) {
    const name = cut(unit.name, 15);
    return svg("g", { class: "unit input", onpointerenter: () => hover(unit.name), onpointerleave: () => hover("") },
      image, svg("rect", { x, y, width: UNIT, height: UNIT, rx: 4 }),
      svg("text", { x: x - 8, y: y + UNIT / 2, class: "name" }, name), svg("title", {}, unit.name));
  }
  const name = unitName(view, l - 1, unit.index);
  const range = t("network.range", { low: number(unit.low, 3), high: number(unit.high, 3) });
  const label = `${name}: ${range}${unit.still ? `; ${t("network.still")}` : ""}`;
  const press = () => choose(l - 1, unit.index);
  const is = chosen && chosen[0] === l - 1 && chosen[1] === unit.index;
  return svg("g", {
    class: `unit${dark}${is ? " chosen" : ""}`, id: `unit-${l - 1}-${unit.index}`, role: "button", tabindex: 0, "aria-label": label, "aria-pressed": is ? "true" : "false",
    onclick: press, onkeydown: (event) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); press(); } },
    onpointerenter: () => hover(label), onpointerleave: () => hover(""), onfocus: () => hover(label), onblur: () => hover(""),
  }, image, svg("rect", { x, y, width: UNIT, height: UNIT, rx: 4 }),
  unit.still ? svg("text", { x: x + UNIT / 2, y: y + UNIT / 2 + 1, class: "cross" }, "✕") : null);
}

export function unitName(view, layer, unit) {
  if (layer === view.layers.length - 1) return t("network.output_unit", { name: view.outputs[unit] });
  return t("network.unit", { layer: layer + 1, unit });
}

const sourceName = (view, layer, i) =>
  layer === 0 ? (view.inputs.units.find((unit) => unit.index === i)?.name ?? i) : unitName(view, layer - 1, i);
