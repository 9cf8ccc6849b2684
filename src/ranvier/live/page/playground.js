// View 5: a network of one's own making, that learns while its knobs are turned.

import { get, latest, post } from "./api.js";
import { chart } from "./chart.js";
import { line } from "./colours.js";
import { drawing, hoverLine, unitName } from "./drawing.js";
import { el, paced, replace, say } from "./dom.js";
import { key, surface } from "./map.js";
import { choice, columnPickers, failure, field, heldFixed } from "./parts.js";
import { chosenUnit, legend } from "./network.js";
import { panel } from "./panel.js";
import { set, state } from "./state.js";
import { count, number, t } from "./text.js";

const ACTIVATIONS = ["relu", "tanh", "sigmoid", "gelu", "silu", "elu", "leaky_relu", "softplus", "identity"];
const RATES = [0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1];
const SPEEDS = [2, 10, 30, 100, 0];
const NUMBER_LOSSES = ["squared_error", "absolute_error", "huber"];
const OPTIMIZERS = ["adam", "adamw", "sgd", "momentum"];
const ABOUT = { run: "playground" };

export function open(root) {
  const buttons = el("div", { class: "player" });
  const status = el("p", { class: "status" });
  const knobs = el("section", { class: "card knobs", "aria-label": t("play.settings") });
  const hover = hoverLine();
  const board = el("div", { class: "scroll board" });
  const columns = el("div", { class: "toolbar inside" });
  const map = el("section", { class: "card map-card", "aria-label": t("map.title") });
  const side = el("div", {});
  const code = el("pre", { tabindex: 0, role: "region", "aria-label": t("play.python") });
  const python = el("details", { class: "card" }, el("summary", {}, t("play.python")), el("p", { class: "note" }, t("play.python_note")), code,
    el("button", { type: "button", onclick: () => navigator.clipboard?.writeText(code.textContent).then(() => say(t("play.copied"))) }, t("play.copy")));
  const curve = chart({ title: t("chart.loss"), name: "playground", zoomed: "play-zoom", options: () => ({ logX: false, logY: false, smooth: 0 }) });
  root.append(el("h1", { class: "unseen" }, t("view.playground")), buttons,
    el("div", { class: "play-layout" }, knobs,
      el("div", { class: "play-side" },
        el("section", { class: "card", "aria-label": t("play.network") }, columns, hover.node, board, legend()), side),
      el("div", { class: "play-side answers" }, map, curve.node)), python);
  let told = null;
  let drawn = "";
  let pressed = "";
  let panelOf = "";
  let sending = 0; // a state that arrives while a command is under way may be older, and would undo it
  const asked = latest();
  const looked = latest();

  async function command(name, rest) {
    try {
      sending += 1;
      await post(name, rest).finally(() => { sending -= 1; });
      await update();
    } catch (error) {
      say(error.message);
      drawn = ""; // the knobs go back to what is true
      await update().catch(() => knobs.replaceChildren());
      knobs.prepend(failure(error));
    }
  }

  // The next change may not wait for the response, and must not undo this one.
  function setup(changes) {
    told = { ...told, settings: { ...told.settings, ...changes } };
    return command("setup", { settings: told.settings });
  }

  async function update() {
    const next = await asked(get("play"));
    if (!next || sending) return;
    told = next;
    player();
    const shape = JSON.stringify([told.settings, told.tables]);
    if (shape !== drawn) { drawn = shape; controls(); }
    code.textContent = told.python;
    curve.show([
      { label: t("series.loss"), x: told.curve.map((p) => p[0]), mean: told.curve.map((p) => p[1]), colour: line(0), dash: 0 },
      { label: t("series.validation_loss"), x: told.curve.map((p) => p[0]), mean: told.curve.map((p) => p[2]), colour: line(1), dash: 1 },
    ].slice(0, told.curve.some((p) => p[2] !== null) ? 2 : 1));
    await look();
  }

  async function look() {
    const where = { x: state().x, y: state().y };
    const unit = chosenUnit();
    const [net, answers, found] = (await looked(Promise.all([
      get("network", { ...ABOUT, ...where }), get("map", { ...ABOUT, ...where }),
      unit ? get("unit", { ...ABOUT, layer: unit[0], unit: unit[1] }).catch(() => null) : null,
    ]))) ?? [];
    if (!net) return;
    replace(columns, net.columns.length > 2 ? columnPickers(net.columns, net.x, net.y) : []);
    replace(board, drawing(net, { chosen: unit, choose: (layer, one) => set({ unit: `${layer}.${one}` }), hover: hover.tell }));
    replace(map, el("h2", {}, t("play.answers")), heldFixed(answers.fixed, null), surface(answers), key(answers));
    // A number that is being chosen by keyboard would lose its place many times a second.
    if (found && panelOf === unit.join() && told.playing && side.contains(document.activeElement)) return;
    panelOf = unit?.join();
    replace(side, found ? panel(found, { name: unitName(net, ...unit), close: () => set({ unit: null }), edit: (i, value) => command("weight", { layer: unit[0], i, j: unit[1], value }) }) : null);
  }

  // The buttons are replaced only when they change: one that is being pressed must stay.
  function player() {
    const last = told.curve.at(-1);
    status.textContent = t("play.status", { epoch: count(told.epoch), step: count(told.step) })
      + (last ? ` · ${t(last[2] === null ? "play.loss_alone" : "play.loss", { loss: number(last[1]), validation: number(last[2]) })}` : "");
    const shape = [told.playing, told.speed, told.problem].join();
    if (shape === pressed) return;
    pressed = shape;
    const button = (name, action, primary) => el("button", { type: "button", id: `do-${name}`, class: primary ? "primary" : null, onclick: () => command(action) }, t(`play.${name}`));
    replace(buttons,
      told.playing ? button("pause", "pause", true) : button("play", "play", true),
      speed(),
      button("step", "step"), button("step_batch", "step_batch"), button("reset", "reset"),
      status,
      told.problem ? el("p", { class: "warning" }, t("play.not_finite")) : null);
  }

  function speed() {
    const pick = choice("speed", SPEEDS, told.speed, (value) => command("speed", { value: Number(value) }), (value) => (Number(value) ? t("play.speed_of", { epochs: count(Number(value)) }) : t("play.full_speed")));
    pick.setAttribute("aria-label", t("play.speed"));
    return pick;
  }

  function controls() {
    const s = told.settings;
    const rates = [...new Set([...RATES, s.rate])].sort((a, b) => a - b);
    const isClass = told.classes.length > 0;
    const noisy = s.table === "own" ? null : range("noise", s.noise, 0, 0.5, 0.05, (value) => setup({ noise: value }));
    replace(knobs,
      el("h2", {}, t("play.settings")),
      field(t("play.table"), choice("table", told.tables, s.table, (table) => setup({ table, columns: null, noise: table === "own" ? 0 : 0.1 }), (name) => (name === "own" ? told.own : t(`table.${name}`)))),
      noisy,
      told.table_columns.length > 1 ? columnBoxes(s) : null,
      el("fieldset", {}, el("legend", {}, t("play.layers")), s.layers.map(layerLine),
        el("button", { type: "button", class: "small", id: "add-layer", disabled: s.layers.length >= 8, onclick: () => setup({ layers: [...told.settings.layers, { units: 6, activation: told.settings.layers.at(-1)?.activation ?? "tanh" }] }) }, t("play.add"))),
      isClass ? el("p", { class: "note" }, t("play.class_loss")) : field(t("play.loss_name"), choice("loss", NUMBER_LOSSES, s.loss, (loss) => setup({ loss }))),
      field(t("play.optimizer"), choice("optimizer", OPTIMIZERS, s.optimizer, (optimizer) => setup({ optimizer }))),
      field(t("play.rate"), choice("rate", rates, s.rate, (rate) => command("rate", { value: Number(rate) }), (value) => number(Number(value))), t("play.rate_note")),
      field(t("play.l2"), choice("l2", [...new Set([0, 0.0001, 0.001, 0.01, 0.1, s.l2])], s.l2, (l2) => setup({ l2: Number(l2) }), (value) => number(Number(value)))),
      numberField("batch_size", s.batch_size, 1, 4096, (batch_size) => setup({ batch_size })),
      numberField("seed", s.seed, 0, 2 ** 32 - 1, (seed) => setup({ seed })));
  }

  function layerLine(layer, i) {
    const change = (one) => setup({ layers: told.settings.layers.map((old, k) => (k === i ? { ...old, ...one } : old)) });
    const units = el("input", { type: "number", id: `units-${i}`, min: 1, max: 256, value: layer.units, "aria-label": t("play.units", { layer: i + 1 }), onchange: (event) => event.target.checkValidity() && change({ units: Number(event.target.value) }) });
    const activation = choice(`activation-${i}`, ACTIVATIONS, layer.activation, (value) => change({ activation: value }));
    activation.setAttribute("aria-label", t("play.activation", { layer: i + 1 }));
    return el("div", { class: "layer-line" }, units, activation,
      el("button", { type: "button", class: "small", id: `drop-${i}`, "aria-label": t("play.drop", { layer: i + 1 }), onclick: () => setup({ layers: told.settings.layers.filter((_, k) => k !== i) }) }, "✕"));
  }

  function columnBoxes(s) {
    return el("fieldset", { class: "columns" }, el("legend", {}, t("play.columns")), el("div", { class: "boxes", tabindex: 0, role: "group", "aria-label": t("play.columns") }, told.table_columns.map((name, i) => {
      const box = el("input", { type: "checkbox", id: `use-${i}`, onchange: () => {
        const next = told.table_columns.map((_, k) => k).filter((k) => (k === i ? box.checked : (told.settings.columns ?? s.columns).includes(k)));
        if (next.length) setup({ columns: next });
        else box.checked = true;
      } });
      box.checked = s.columns.includes(i);
      return el("label", { class: "check" }, box, name);
    })));
  }

  function range(name, value, min, max, step, act) {
    const input = el("input", { type: "range", id: name, min, max, step, onchange: () => act(Number(input.value)) });
    input.value = value;
    return field(`${t(`play.${name}`)}: ${number(value)}`, input);
  }

  function numberField(name, value, min, max, act) {
    return field(t(`play.${name}`), el("input", { type: "number", id: name, min, max, value, onchange: (event) => event.target.checkValidity() && event.target.value !== "" && act(Number(event.target.value)) }));
  }

  const soon = paced(update, 60);
  update();
  return { update, hear: (kind) => kind === "playground" && soon(), leave: () => curve.leave() };
}
