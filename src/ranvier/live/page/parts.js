// Parts that several views share.

import { el } from "./dom.js";
import { set, state } from "./state.js";
import { count, cut, number, t } from "./text.js";

export function runPicker(runs, chosen) {
  if (!runs.length) return null;
  const select = el("select", { id: "run", "aria-label": t("top.run"), onchange: (event) => set({ run: event.target.value, epoch: null, row: null, unit: null, weight: null, x: null, y: null }) },
    runs.map((run) => el("option", { value: run.id }, runTitle(run))));
  select.value = chosen ?? "";
  return select;
}

export const runTitle = (run) => (run.target ? `${run.target} · ${run.id}` : run.id);

export const field = (label, control, note) =>
  el("label", { class: "field" }, el("span", {}, label), control, note ? el("small", {}, note) : null);

export function choice(id, values, chosen, onchange, titles = (value) => value) {
  const select = el("select", { id, onchange: (event) => onchange(event.target.value) },
    values.map((value) => el("option", { value }, titles(value))));
  select.value = String(chosen);
  return select;
}

// A slider over the ages at which the network of a run was kept.
export function ageSlider(kept, end, epoch) {
  const ages = [...kept, null];
  const place = epoch === null ? ages.length - 1 : Math.max(0, kept.indexOf(epoch));
  const told = (age) => (age === null ? t("age.last") : t("age.epoch", { epoch: count(age) }));
  const output = el("output", { for: "age" }, told(ages[place]));
  const slider = el("input", {
    type: "range", id: "age", min: 0, max: ages.length - 1, step: 1, "aria-valuetext": told(ages[place]),
    oninput: (event) => {
      const age = ages[Number(event.target.value)];
      output.textContent = told(age);
      slider.setAttribute("aria-valuetext", told(age));
    },
    onchange: (event) => set({ epoch: ages[Number(event.target.value)] }),
  });
  slider.value = place;
  return el("div", { class: "field age" }, el("label", { for: "age" }, t("age.title")), slider, output);
}

export function columnPickers(columns, x, y) {
  const pick = (name, chosen) =>
    field(t(`column.${name}`), choice(`column-${name}`, columns, chosen, (value) => set({ [name]: value })));
  return [pick("x", x), pick("y", y)];
}

export function rowField(rows) {
  const input = el("input", {
    type: "number", id: "base-row", min: 0, max: rows - 1, value: state().row ?? "", placeholder: t("column.median"),
    onchange: (event) => set({ row: event.target.value }),
  });
  return field(t("column.rest"), input);
}

// The row that a picture is drawn for, but for the columns of its axes.
export function heldFixed(fixed, row) {
  if (!fixed.length) return null;
  const values = fixed.slice(0, 12).map(([name, value]) => `${cut(name, 24)} ${value === null ? t("row.missing") : number(value)}`);
  const more = fixed.length - values.length;
  const text = values.join(", ") + (more > 0 ? `, ${t("map.fixed_more", { more: count(more) })}` : "");
  return el("p", { class: "note fixed" }, row === null ? t("map.fixed", { values: text }) : t("map.fixed_row", { row, values: text }));
}

// Says where the network of a run is one of those that a model averages.
export const memberNote = (run) =>
  run.members > 1 ? el("p", { class: "note member" }, t("run.member", { members: count(run.members) })) : null;

// Hears of a run, and acts where its network is kept at a new age, or training has ended.
export function newAge(run, act) {
  let known = null;
  return (kind, news) => {
    if (kind !== "rows" || news.run !== run()) return;
    const age = `${news.run} ${news.newest} ${news.ended}`;
    if (age === known) return;
    known = age;
    act();
  };
}

// Weights as bars from zero, to the left below it and to the right above it, and their gradients.
export function bars(entries, { title, press }) {
  const most = Math.max(1e-12, ...entries.map((entry) => Math.abs(entry.value)));
  return el("table", { class: "bars" },
    el("caption", {}, title),
    el("thead", {}, el("tr", {}, el("th", { scope: "col" }, t("panel.from")), el("td", {}),
      ["w", "∂L/∂w"].map((name) => el("th", { scope: "col", class: "number symbol" }, name)))),
    el("tbody", {}, entries.map((entry) => {
      const bar = el("i", { class: entry.value < 0 ? "bar below" : "bar above" });
      bar.style.width = `${(50 * Math.abs(entry.value)) / most}%`;
      return el("tr", {},
        el("th", { scope: "row", title: entry.label }, cut(entry.label, 40)),
        el("td", { class: "track" }, el("span", {}, bar)),
        el("td", { class: "number" }, press ? press(entry) : entry.text),
        el("td", { class: "number" }, entry.gradient));
    })));
}

export function failure(error) {
  const key = `error.${error.status}`;
  if (error.message === "no_rows") return el("p", { class: "empty-view" }, t("error.no_rows"));
  return el("div", { class: "empty-view" }, el("p", {}, t(error.status === 404 ? "error.404" : "error.any")), el("p", { class: "note", lang: "en" }, error.message || key));
}

export const nothing = (key) =>
  el("div", { class: "empty-view" }, el("p", {}, t(key)), el("pre", {}, "rv.train(net, X, y, run=\"runs\", live=True)\nranvier train table.csv --target column"));
