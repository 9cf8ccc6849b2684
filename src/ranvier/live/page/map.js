// View 4: the predictions over two columns, and their quality.

import { get, latest } from "./api.js";
import { css, diverging, isDark, line, LINES, picture } from "./colours.js";
import { el, paced, replace, svg } from "./dom.js";
import { ageSlider, columnPickers, failure, heldFixed, memberNote, newAge, nothing, rowField } from "./parts.js";
import { histogram } from "./panel.js";
import { scale, ticks } from "./scale.js";
import { set, state, whole } from "./state.js";
import { count, cut, number, share, t } from "./text.js";

const SIZE = 420;
const MARGIN = { left: 60, right: 8, top: 8, bottom: 44 };
const SHAPES = ["circle", "square", "triangle", "diamond", "down", "plus", "cross", "star"];

// Colour and shape of a class: no two of 64 have both.
const shapeOfClass = (place) => SHAPES[(place + Math.floor(place / LINES.length)) % SHAPES.length];
const MOST_KEYS = 12;

export function open(root, first) {
  const tools = el("div", { class: "toolbar" });
  const board = el("section", { class: "card map-card", "aria-label": t("map.title") });
  const side = el("section", { class: "side quality", "aria-label": t("map.quality") });
  root.append(el("h1", { class: "unseen" }, t("view.map")), tools, el("div", { class: "with-side" }, board, side));
  let context = first;
  const asked = latest();

  async function update(next) {
    context = next ?? context;
    if (!context.run) return replace(board, nothing("curves.none"));
    const about = { run: context.run, epoch: whole("epoch") };
    try {
      const [run, told, quality] = (await asked(Promise.all([
        get("run", { run: context.run }),
        get("map", { ...about, x: state().x, y: state().y, row: whole("row") }),
        get("quality", about),
      ]))) ?? [];
      if (!told) return;
      replace(tools, ageSlider(run.kept, run.end, about.epoch), columnPickers(told.columns, told.x.name, told.y.name), rowField(run.rows));
      replace(board, el("h2", {}, t("map.title")), memberNote(run), el("p", { class: "note" }, t("map.note")), heldFixed(told.fixed, whole("row")), surface(told, { choose: (row) => set({ row, view: "row" }) }), key(told));
      replace(side, memberNote(run), qualityCards(quality));
    } catch (error) {
      replace(board, failure(error));
    }
  }

  update(first);
  const soon = paced(() => whole("epoch") === null && update(), 600);
  return { update, hear: newAge(() => context.run, soon) };
}

// The map of the predictions with the rows on it.
export function surface(told, { choose, small } = {}) {
  const x = scale(told.x.low, told.x.high, MARGIN.left, SIZE - MARGIN.right);
  const y = scale(told.y.low, told.y.high, SIZE - MARGIN.bottom, MARGIN.top);
  const image = told.classes.length ? classes(told) : values(told);
  const places = told.points.filter((p) => p.x >= told.x.low && p.x <= told.x.high && p.y >= told.y.low && p.y <= told.y.high);
  const points = places.map((p) => mark(p, told, x(p.x), y(p.y), choose));
  const title = t("map.label", { target: told.target, x: told.x.name, y: told.y.name });
  return svg("svg", { class: "surface", viewBox: `0 0 ${SIZE} ${SIZE}`, role: "img", "aria-label": title },
    svg("image", { href: image.toDataURL(), x: MARGIN.left, y: MARGIN.top, width: SIZE - MARGIN.left - MARGIN.right, height: SIZE - MARGIN.top - MARGIN.bottom, preserveAspectRatio: "none", class: told.x.kind === "category" || told.y.kind === "category" ? "bands" : null }),
    points, axis(told, x, y, small));
}

function axis(told, x, y) {
  return svg("g", { class: "axes" },
    marks(told.x, x, 44).map(([v, text]) => svg("text", { x: x(v), y: SIZE - MARGIN.bottom + 16, class: "below" }, text)),
    marks(told.y, y, 70).map(([v, text]) => svg("text", { x: MARGIN.left - 6, y: y(v), class: "left" }, text)),
    svg("text", { x: (SIZE + MARGIN.left) / 2, y: SIZE - 8, class: "below strong" }, cut(told.x.name, 44)),
    svg("text", { x: 12, y: SIZE / 2 - 20, class: "below strong", transform: `rotate(-90 12 ${SIZE / 2 - 20})` }, cut(told.y.name, 44)));
}

// Where an axis is marked, and with what: each category, or round numbers and days of the table.
function marks(axis, place, letters) {
  if (axis.kind === "category") {
    const step = Math.ceil(axis.labels.length / 10);
    const room = Math.max(4, Math.min(letters > 50 ? 8 : 14, Math.floor(letters / (axis.labels.length / step))));
    return axis.labels.map((name, i) => [i, cut(name || t("row.missing"), room)]).filter(([i]) => i % step === 0);
  }
  if (axis.kind === "date") return ticks(place, 3).map((v) => [v, day(v)]);
  return ticks(place, 5).map((v) => [v, number(v, 4)]);
}

const day = (days) => new Date(days * 86_400_000).toISOString().slice(0, 10);

const classColour = (place) => hex(LINES[place % LINES.length]);
const hex = (text) => [1, 3, 5].map((i) => parseInt(text.slice(i, i + 2), 16));

function classes(told) {
  const ground = isDark() ? [32, 36, 44] : [255, 255, 255];
  const least = 1 / told.classes.length;
  return picture(told.label, told.size, (label, i) => {
    const part = 0.12 + 0.6 * Math.max(0, (told.certainty[i] - least) / (1 - least));
    const colour = classColour(label);
    return ground.map((v, k) => Math.round(v + part * (colour[k] - v)));
  });
}

const reach = (told) => {
  const all = [...told.value, ...told.points.map((p) => p.target)].filter((v) => v !== null);
  return [Math.min(...all), Math.max(...all)];
};

function values(told) {
  const [low, high] = reach(told);
  return picture(told.value, told.size, (v) => diverging((2 * (v - low)) / (high - low || 1) - 1));
}

function mark(p, told, x, y, choose) {
  const isClass = told.classes.length > 0;
  const [low, high] = isClass ? [0, 1] : reach(told);
  const fill = isClass ? LINES[p.target % LINES.length] : css(diverging((2 * (p.target - low)) / (high - low || 1) - 1));
  const name = t("map.point", { row: p.row, target: isClass ? told.classes[p.target] : number(p.target) });
  const shape = isClass ? shapeOfClass(p.target) : "circle";
  return shapeOf(shape, x, y, 4, { fill, class: `mark${p.training ? "" : " held"}${choose ? " press" : ""}`, onclick: choose ? () => choose(p.row) : null }, svg("title", {}, name));
}

function shapeOf(shape, x, y, r, attributes, ...children) {
  if (shape === "square") return svg("rect", { x: x - r, y: y - r, width: 2 * r, height: 2 * r, ...attributes }, children);
  if (shape === "triangle") return svg("path", { d: `M${x} ${y - r * 1.2}L${x + r * 1.2} ${y + r}L${x - r * 1.2} ${y + r}Z`, ...attributes }, children);
  if (shape === "diamond") return svg("path", { d: `M${x} ${y - r * 1.4}L${x + r * 1.4} ${y}L${x} ${y + r * 1.4}L${x - r * 1.4} ${y}Z`, ...attributes }, children);
  const path = OUTLINES[shape];
  if (path) return svg("path", { d: path.map(([dx, dy], i) => `${i ? "L" : "M"}${x + dx * r} ${y + dy * r}`).join("") + "Z", ...attributes }, children);
  return svg("circle", { cx: x, cy: y, r, ...attributes }, children);
}

const plus = [[-0.4, -1.3], [0.4, -1.3], [0.4, -0.4], [1.3, -0.4], [1.3, 0.4], [0.4, 0.4], [0.4, 1.3], [-0.4, 1.3], [-0.4, 0.4], [-1.3, 0.4], [-1.3, -0.4], [-0.4, -0.4]];
const OUTLINES = {
  down: [[0, 1.2], [1.2, -1], [-1.2, -1]],
  plus,
  cross: plus.map(([x, y]) => [(x - y) * Math.SQRT1_2, (x + y) * Math.SQRT1_2]),
  star: Array.from({ length: 10 }, (_, i) => [(i % 2 ? 0.6 : 1.4) * Math.sin((i * Math.PI) / 5), -(i % 2 ? 0.6 : 1.4) * Math.cos((i * Math.PI) / 5)]),
};

export function key(told) {
  const held = el("li", {}, svg("svg", { viewBox: "0 0 14 14", class: "dot", "aria-hidden": "true" }, svg("circle", { cx: 7, cy: 7, r: 4.5, class: "mark held", fill: "none" })), t("map.held"));
  if (!told.classes.length) {
    const [low, high] = reach(told);
    return el("div", { class: "ramp-line" }, el("span", {}, number(low, 3)), el("span", { class: "ramp", role: "img", "aria-label": t("map.ramp") }), el("span", {}, number(high, 3)), el("ul", { class: "legend" }, held));
  }
  const items = told.classes.map((name, i) => el("li", {},
    svg("svg", { viewBox: "0 0 14 14", class: "dot", "aria-hidden": "true" }, shapeOf(shapeOfClass(i), 7, 7, 4.5, { fill: LINES[i % LINES.length] })), name));
  const more = items.slice(MOST_KEYS);
  return [el("ul", { class: "legend" }, items.slice(0, MOST_KEYS), held),
    more.length ? el("details", { class: "more-classes" }, el("summary", {}, t("network.more", { more: count(more.length) })), el("ul", { class: "legend" }, more)) : null];
}

function qualityCards(told) {
  const which = el("p", { class: "note" }, t(told.held_out ? "map.on_held" : "map.on_all", { rows: count(told.rows) }));
  if (told.classes.length) return [
    el("div", { class: "card" }, el("h3", {}, t("map.matrix")), which, el("p", {}, t("map.accuracy", { share: share(told.accuracy) })), matrix(told.shown, told.matrix),
      told.all ? [el("p", { class: "note" }, t("map.others", { shown: count(told.shown.length - 1), all: count(told.classes.length) })),
        el("details", {}, el("summary", {}, t("map.all_classes", { all: count(told.classes.length) })), matrix(told.classes, told.all))] : null),
    el("div", { class: "card" }, el("h3", {}, t("map.calibration")), el("p", { class: "note" }, t("map.calibration_note")), calibration(told.calibration)),
  ];
  return [
    el("div", { class: "card" }, el("h3", {}, t("map.residuals")), which, el("p", {}, t("map.rmse", { rmse: number(told.rmse), r2: number(told.r2, 3) })), scatter(told.residuals)),
    el("div", { class: "card" }, histogram(told.histogram, t("map.errors"), t("map.errors_note"))),
  ];
}

function matrix(names, counts) {
  const named = names.map((name) => name ?? t("map.other"));
  return el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": t("map.matrix") }, el("table", { class: "matrix" },
    el("caption", { class: "note" }, t("map.matrix_note")),
    el("thead", {}, el("tr", {}, el("td", {}), named.map((name) => el("th", { scope: "col" }, name)))),
    el("tbody", {}, counts.map((row, i) => {
      const all = Math.max(1, row.reduce((a, b) => a + b, 0));
      return el("tr", {}, el("th", { scope: "row" }, named[i]), row.map((n, j) => {
        const cell = el("td", { class: i === j ? "right" : n ? "miss" : null }, count(n));
        if (n) cell.style.setProperty("--part", `${Math.round((i === j ? 10 : 14) + 26 * (n / all))}%`);
        return cell;
      }));
    }))));
}

function calibration(points) {
  const [w, h] = [300, 240];
  const x = scale(0, 1, 44, w - 10);
  const y = scale(0, 1, h - 36, 8);
  const most = Math.max(...points.map((p) => p[2]));
  return svg("svg", { viewBox: `0 0 ${w} ${h}`, class: "small-chart", role: "img", "aria-label": points.map(([c, r, n]) => t("map.bin", { certainty: share(c), right: share(r), rows: count(n) })).join(" ") },
    svg("g", { class: "axes" }, [0, 0.5, 1].map((v) => [svg("line", { x1: 44, x2: w - 10, y1: y(v), y2: y(v) }), svg("text", { x: 38, y: y(v), class: "left" }, share(v)), svg("text", { x: x(v), y: h - 20, class: v === 1 ? "end" : "below" }, share(v))]),
      svg("text", { x: w / 2 + 16, y: h - 4, class: "below strong" }, t("map.certainty"))),
    svg("line", { x1: x(0), y1: y(0), x2: x(1), y2: y(1), class: "ideal" }),
    svg("path", { d: `M${points.map(([c, r]) => `${x(c)},${y(r)}`).join("L")}`, fill: "none", stroke: line(0), "stroke-width": 2 }),
    points.map(([c, r, n]) => svg("circle", { cx: x(c), cy: y(r), r: 3 + 4 * Math.sqrt(n / most), fill: line(0) }, svg("title", {}, t("map.bin", { certainty: share(c), right: share(r), rows: count(n) })))));
}

function scatter(points) {
  const [w, h] = [300, 240];
  const all = points.filter((p) => p[0] !== null && p[1] !== null);
  const x = scale(Math.min(...all.map((p) => p[0])), Math.max(...all.map((p) => p[0])), 48, w - 10);
  const most = Math.max(...all.map((p) => Math.abs(p[1]))) || 1;
  const y = scale(-most, most, h - 36, 8);
  return svg("svg", { viewBox: `0 0 ${w} ${h}`, class: "small-chart", role: "img", "aria-label": t("map.residuals_label") },
    svg("g", { class: "axes" }, ticks(y, 4).map((v) => [svg("line", { x1: 48, x2: w - 10, y1: y(v), y2: y(v) }), svg("text", { x: 42, y: y(v), class: "left" }, number(v, 3))]),
      ticks(x, 3).map((v) => svg("text", { x: x(v), y: h - 20, class: "below" }, number(v, 3))), svg("text", { x: w / 2 + 16, y: h - 4, class: "below strong" }, t("row.answer"))),
    svg("line", { x1: 48, x2: w - 10, y1: y(0), y2: y(0), class: "ideal" }),
    all.map(([a, e, r]) => svg("circle", { cx: x(a), cy: y(e), r: 3, class: "mark press", fill: line(0), onclick: () => set({ row: r, view: "row" }) }, svg("title", {}, t("map.point", { row: r, target: number(e) })))));
}
