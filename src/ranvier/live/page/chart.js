// A chart of lines with bands: axes, a crosshair shared by all charts, keys, a table.

import { el, replace, say, soon, svg } from "./dom.js";
import { scale, ticks } from "./scale.js";
import { asCSV, asPNG, asSVG } from "./save.js";
import { count, number, t } from "./text.js";
import { range, zoom } from "./zoom.js";

const MARGIN = { top: 10, right: 12, bottom: 34, left: 58 };
const HEIGHT = 250;
const DASHES = ["", "6 4", "2 3", "9 3 2 3"];

const charts = new Set();
let charts_ = 0;
let crosshair = null;

export function showCrosshair(epoch) {
  crosshair = epoch;
  for (const chart of charts) chart.redraw();
}

// lines: [{ label, x, mean, low, high, colour, dash }]; options() => { logX, logY, smooth };
// zoomed: the entry of the address that holds the range of epochs looked at.
export function chart({ title, note, name, options, zoomed = "zoom" }) {
  const id = `plot-${++charts_}`;
  const frame = svg("svg", { class: "chart", role: "img", tabindex: "0", "aria-label": title });
  const legend = el("ul", { class: "legend" });
  const table = el("div", { class: "scroll", tabindex: "0", role: "region" });
  const details = el("details", { ontoggle: () => details.open && fillTable() },
    el("summary", {}, t("chart.table")), table);
  const summary = el("p", { class: "summary" });
  const whole = el("button", { type: "button", class: "small", onclick: () => zoomer.whole(), "aria-label": `${t("chart.all")}: ${title}` }, t("chart.all"));
  const buttons = el("div", { class: "tools" }, whole,
    tool("SVG", () => asSVG(frame, name)),
    tool("PNG", () => asPNG(frame, name)),
    tool("CSV", () => asCSV(...csv(), name)));
  const node = el("figure", { class: "card chart-card" },
    el("figcaption", {}, el("h3", {}, title), buttons),
    note ? el("p", { class: "note" }, note) : null, summary, frame, legend, details);
  let lines = [];
  let places = null;

  function tool(label, action) {
    const title_ = t("chart.save", { format: label, chart: title });
    return el("button", { type: "button", class: "small", onclick: action, "aria-label": title_ }, label);
  }

  function csv() {
    const columns = ["epoch"];
    const rows = new Map();
    lines.forEach((line, i) => {
      columns.push(line.label);
      line.x.forEach((x, k) => {
        if (!rows.has(x)) rows.set(x, [x]);
        rows.get(x)[i + 1] = line.mean[k];
      });
    });
    return [columns, [...rows.values()].sort((a, b) => a[0] - b[0])];
  }

  function fillTable() {
    const [columns, rows] = csv();
    const [from, to] = range(zoomed) ?? [-Infinity, Infinity];
    const seen = rows.filter(([epoch]) => from <= epoch && epoch <= to);
    const each = Math.max(1, Math.ceil(seen.length / 40));
    const some = seen.filter((_, i) => i % each === 0 || i === seen.length - 1);
    table.setAttribute("aria-label", title);
    replace(table, el("table", {},
      el("thead", {}, el("tr", {}, columns.map((c, i) =>
        el("th", { scope: "col" }, i ? c : t("word.epoch"))))),
      el("tbody", {}, some.map((row) => el("tr", {}, columns.map((_, i) =>
        el("td", {}, i ? number(row[i]) : count(row[i]))))))));
  }

  const redraw = soon(draw);

  function draw() {
    const { logX, logY, smooth } = options();
    const width = Math.max(260, node.clientWidth - 24 || 480);
    const looked = range(zoomed);
    whole.hidden = !looked;
    const all = lines.map((line) => prepared(line, smooth, logX, logY));
    const drawn = looked ? all.map((line) => cut(line, ...looked)) : all;
    frame.setAttribute("viewBox", `0 0 ${width} ${HEIGHT}`);
    frame.setAttribute("height", HEIGHT);
    const box = bounds(drawn, logX, logY, looked);
    if (box === null) {
      places = null;
      replace(frame, svg("text", { x: width / 2, y: HEIGHT / 2, class: "empty" }, t("chart.empty")));
      summary.textContent = "";
      return;
    }
    const x = scale(box.x0, box.x1, MARGIN.left, width - MARGIN.right, { log: logX });
    const y = scale(box.y0, box.y1, HEIGHT - MARGIN.bottom, MARGIN.top, { log: logY });
    places = { x, drawn, width, first: Math.ceil(box.x0), last: Math.floor(box.x1), ...ends(all) };
    const inside = svg("clipPath", { id }, svg("rect", { x: MARGIN.left, y: 0, width: width - MARGIN.left - MARGIN.right, height: HEIGHT - MARGIN.bottom }));
    replace(frame, inside, axes(x, y, width), svg("g", { "clip-path": `url(#${id})` }, drawn.map((line) => shapes(line, x, y)), kept(x), chosen(x)), cross(x, y, drawn));
    replace(legend, drawn.map((line) => entry(line)));
    summary.textContent = sentence(looked ? all.map((line) => cut(line, ...looked, 0)) : drawn);
    frame.setAttribute("aria-label", `${title}. ${summary.textContent}`);
    if (details.open) fillTable();
  }

  function chosen(x) {
    const selected = zoomer.selection();
    return selected && svg("rect", { class: "selection", x: x(selected[0]), width: x(selected[1]) - x(selected[0]), y: MARGIN.top, height: HEIGHT - MARGIN.bottom - MARGIN.top });
  }

  // The epochs whose networks were kept.
  function kept(x) {
    return [...new Map(lines.filter((line) => line.kept).map((line) => [line.kept, line])).values()].map((line) =>
      svg("line", { x1: x(line.kept), x2: x(line.kept), y1: MARGIN.top, y2: HEIGHT - MARGIN.bottom, class: "kept" }, svg("title", {}, t("chart.kept", { epoch: count(line.kept) }))));
  }

  function at(line, epoch) {
    let best = null;
    line.x.forEach((x, i) => {
      if (line.y[i] !== null && places.first <= x && x <= places.last && (best === null || Math.abs(x - epoch) < Math.abs(line.x[best] - epoch))) best = i;
    });
    return best;
  }

  function cross(x, y, drawn) {
    if (crosshair === null) return [];
    const place = Math.min(Math.max(x(crosshair), MARGIN.left), places.width - MARGIN.right);
    const marks = drawn.map((line) => {
      const i = at(line, crosshair);
      return i === null ? null : svg("circle", { cx: x(line.x[i]), cy: y(line.y[i]), r: 4, fill: line.colour });
    });
    return [svg("line", { x1: place, x2: place, y1: MARGIN.top, y2: HEIGHT - MARGIN.bottom, class: "crosshair" }), marks];
  }

  function entry(line) {
    const last = line.y.length ? at(line, places.last) : null;
    const i = crosshair === null ? last : at(line, crosshair);
    const value = i === null ? "" : number(line.raw[i], 5);
    const key = svg("svg", { class: "key", viewBox: "0 0 28 8", "aria-hidden": "true" },
      svg("line", { x1: 0, x2: 28, y1: 4, y2: 4, stroke: line.colour, "stroke-width": 2.5, "stroke-dasharray": DASHES[line.dash ?? 0] }));
    const where = crosshair === null || i === null ? "" : ` (${count(line.x[i])})`;
    const best = line.kept && crosshair === null ? at(line, line.kept) : null;
    const own = best === null || line.x[best] !== line.kept || best === last ? null : el("span", { class: "note" }, t("chart.kept_value", { epoch: count(line.kept), value: number(line.raw[best], 5) }));
    return el("li", {}, key, el("span", { class: "label" }, line.label), el("b", {}, value + where), own);
  }

  function move(event) {
    if (!places) return;
    const box = frame.getBoundingClientRect();
    const at_ = ((event.clientX - box.left) / box.width) * places.width;
    showCrosshair(Math.round(Math.max(0, places.x.invert(at_))));
  }

  function key(event) {
    const all = (places?.drawn[0]?.x ?? []).filter((x) => places.first <= x && x <= places.last);
    if (!all.length || event.ctrlKey || event.metaKey || event.altKey) return;
    if (zoomer.key(event, crosshair ?? (places.first + places.last) / 2)) return event.preventDefault();
    if (!["ArrowLeft", "ArrowRight", "Home", "End", "Escape"].includes(event.key)) return;
    event.preventDefault();
    if (event.key === "Escape") return showCrosshair(null);
    const before = crosshair ?? all.at(-1);
    const nearest = all.reduce((b, x, i) => (Math.abs(x - (crosshair ?? all.at(-1))) < Math.abs(all[b] - (crosshair ?? all.at(-1))) ? i : b), 0);
    const step = Math.max(1, Math.round(all.length / 60));
    const to = { ArrowLeft: nearest - step, ArrowRight: nearest + step, Home: 0, End: all.length - 1 }[event.key];
    showCrosshair(all[Math.min(Math.max(to, 0), all.length - 1)]);
    if (event.shiftKey) zoomer.extend(before, crosshair);
    else zoomer.drop();
    const told = places.drawn.map((line) => {
      const i = at(line, crosshair);
      return i === null ? "" : `${line.label} ${number(line.raw[i])}`;
    });
    say(t("chart.at", { epoch: count(crosshair), values: told.filter(Boolean).join(", ") }));
  }

  const zoomer = zoom(frame, { name: zoomed, place: () => places, redraw });
  frame.addEventListener("pointermove", move);
  frame.addEventListener("pointerleave", () => showCrosshair(null));
  frame.addEventListener("keydown", key);
  frame.addEventListener("blur", () => { zoomer.drop(); showCrosshair(null); });
  const watch = new ResizeObserver(redraw);
  const self = {
    node,
    redraw,
    show(next) {
      lines = next;
      redraw();
    },
    leave() {
      charts.delete(self);
      watch.disconnect();
    },
  };
  charts.add(self);
  watch.observe(node);
  return self;
}

// Smooths by a running mean whose start is not drawn to zero, and drops what a log has not.
function prepared(line, smooth, logX, logY) {
  const y = [];
  let mean = 0;
  let weight = 0;
  line.mean.forEach((value) => {
    if (value === null || value === undefined) return y.push(null);
    mean = smooth * mean + (1 - smooth) * value;
    weight = smooth * weight + (1 - smooth);
    y.push(mean / weight);
  });
  const bad = (value) => value === null || value === undefined || (logY && value <= 0);
  const keep = line.x.map((x, i) => !(logX && x <= 0) && !bad(y[i]));
  const pick = (values) => values.filter((_, i) => keep[i]);
  return {
    ...line, smoothed: smooth > 0, x: pick(line.x), y: pick(y), raw: pick(line.mean),
    low: pick(line.low ?? line.mean).map((v, i) => (bad(v) ? pick(y)[i] : v)),
    high: pick(line.high ?? line.mean).map((v, i) => (bad(v) ? pick(y)[i] : v)),
  };
}

// The points of a range and their neighbours, so that the line continues to the edge.
function cut(line, from, to, more = 1) {
  const first = line.x.findIndex((x) => x >= from);
  const last = line.x.findLastIndex((x) => x <= to);
  const pick = (values) => (first < 0 || last < 0 ? [] : values.slice(Math.max(0, first - more), last + 1 + more));
  return { ...line, x: pick(line.x), y: pick(line.y), raw: pick(line.raw), low: pick(line.low), high: pick(line.high) };
}

// The first and the last epoch there are.
const ends = (lines) => ({
  lowest: Math.min(...lines.filter((line) => line.x.length).map((line) => line.x[0])),
  highest: Math.max(...lines.filter((line) => line.x.length).map((line) => line.x.at(-1))),
});

function bounds(lines, logX, logY, looked) {
  const [from, to] = looked ?? [-Infinity, Infinity];
  const inside = lines.some((line) => line.x.some((x) => from <= x && x <= to));
  let [x0, x1, y0, y1] = [Infinity, -Infinity, Infinity, -Infinity];
  for (const line of lines)
    line.x.forEach((x, i) => {
      if (inside && (x < from || to < x)) return;
      x0 = Math.min(x0, x); x1 = Math.max(x1, x);
      y0 = Math.min(y0, line.low[i], line.y[i]); y1 = Math.max(y1, line.high[i], line.y[i]);
    });
  if (!(x0 <= x1)) return null;
  // What varies by rounding only is flat.
  if (!logY && y1 - y0 < 1e-9 * Math.max(Math.abs(y0), Math.abs(y1))) [y0, y1] = [y0 - 0.5 * Math.abs(y0), y1 + 0.5 * Math.abs(y1)];
  const pad = logY ? 0 : 0.04 * (y1 - y0 || Math.abs(y1) || 1);
  const floor = y0 >= 0 ? 0 : -Infinity; // what is never below zero is not drawn below it
  if (looked) [x0, x1] = [logX ? Math.max(from, 1) : from, to];
  else if (x0 === x1) [x0, x1] = logX ? [x0 / 2, x1 * 2] : [x0 - 1, x1 + 1]; // in the middle
  else x0 = logX ? x0 : Math.min(x0, 1);
  return { x0, x1, y0: logY ? y0 / 1.05 : Math.max(y0 - pad, floor), y1: logY ? y1 * 1.05 : y1 + pad };
}

function axes(x, y, width) {
  const bottom = HEIGHT - MARGIN.bottom;
  return svg("g", { class: "axes" },
    ticks(y, 5).map((v) => [
      svg("line", { x1: MARGIN.left, x2: width - MARGIN.right, y1: y(v), y2: y(v) }),
      svg("text", { x: MARGIN.left - 8, y: y(v), class: "left" }, number(v, 3)),
    ]),
    ticks(x, Math.floor(width / 90)).filter(Number.isInteger).map((v) => [
      svg("line", { x1: x(v), x2: x(v), y1: bottom, y2: bottom + 4 }),
      svg("text", { x: x(v), y: bottom + 16, class: "below" }, count(v)),
    ]),
    svg("text", { x: width - MARGIN.right, y: HEIGHT - 4, class: "end" }, t("word.epoch")));
}

function shapes(line, x, y) {
  const point = (i, v) => `${x(line.x[i]).toFixed(1)},${y(v).toFixed(1)}`;
  const there = line.x.map((_, i) => i);
  const path = there.map((i) => point(i, line.y[i])).join("L");
  const up = there.map((i) => point(i, line.high[i])).join("L");
  const down = there.reverse().map((i) => point(i, line.low[i])).join("L");
  const raw = there.toReversed().map((i) => point(i, line.raw[i])).join("L");
  return [
    line.smoothed ? svg("path", { d: `M${raw}`, class: "raw", fill: "none", stroke: line.colour, "stroke-width": 1, "stroke-opacity": 0.35 }) : null,
    svg("path", { d: `M${up}L${down}Z`, fill: line.colour, "fill-opacity": 0.16 }),
    svg("path", { d: `M${path}`, fill: "none", stroke: line.colour, "stroke-width": 2, "stroke-dasharray": DASHES[line.dash ?? 0], "stroke-linejoin": "round" }),
    line.x.length === 1 ? svg("circle", { cx: x(line.x[0]), cy: y(line.y[0]), r: 3, fill: line.colour }) : null,
  ];
}

function sentence(lines) {
  const line = lines.find((one) => one.x.length);
  if (!line) return "";
  if (line.raw.every((v) => v === line.raw[0]))
    return t("chart.constant", { label: line.label, value: number(line.raw[0]), epoch: count(line.x.at(-1)) });
  const best = line.raw.reduce((b, v, i) => (v < line.raw[b] ? i : b), 0);
  return t("chart.summary", {
    label: line.label, first: number(line.raw[0]), last: number(line.raw.at(-1)),
    epoch: count(line.x.at(-1)), low: number(line.raw[best]), at: count(line.x[best]),
  });
}
