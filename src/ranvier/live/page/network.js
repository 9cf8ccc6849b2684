// View 2: the network, with what each unit has learned.

import { get, latest } from "./api.js";
import { drawing, hoverLine, unitName } from "./drawing.js";
import { el, paced, replace } from "./dom.js";
import { ageSlider, columnPickers, failure, heldFixed, memberNote, newAge, nothing, rowField } from "./parts.js";
import { panel } from "./panel.js";
import { set, state, whole } from "./state.js";
import { number, t } from "./text.js";

export const chosenUnit = () => {
  const match = /^(\d+)\.(\d+)$/.exec(state().unit ?? "");
  return match ? [Number(match[1]), Number(match[2])] : null;
};

export function open(root, first) {
  const tools = el("div", { class: "toolbar" });
  const hover = hoverLine();
  const board = el("div", { class: "scroll board" });
  const side = el("div", { class: "side" });
  const keys = el("div", {});
  root.append(el("h1", { class: "unseen" }, t("view.network")), tools,
    el("div", { class: "with-side" }, el("section", { class: "card", "aria-label": t("play.network") }, hover.node, board, keys), side));
  let context = first;
  const asked = latest();
  const panelAsked = latest();

  async function update(next) {
    context = next ?? context;
    if (!context.run) return replace(board, nothing("curves.none"));
    const about = { run: context.run, epoch: whole("epoch") };
    try {
      const [run, told] = (await asked(Promise.all([
        get("run", { run: context.run }),
        get("network", { ...about, x: state().x, y: state().y, row: whole("row") }),
      ]))) ?? [];
      if (!told) return;
      replace(tools, ageSlider(run.kept, run.end, about.epoch), columnPickers(told.columns, told.x, told.y), rowField(told.rows));
      replace(board, memberNote(run), heldFixed(told.fixed, whole("row")), told.embedded ? el("p", { class: "note" }, t("embedded.network")) : null, drawing(told, { chosen: chosenUnit(), choose: (layer, unit) => set({ unit: `${layer}.${unit}` }), hover: hover.tell }));
      replace(keys, legend(told.scale));
      await showPanel(about, told);
    } catch (error) {
      replace(board, failure(error));
    }
  }

  async function showPanel(about, told) {
    const unit = chosenUnit();
    if (!unit) return replace(side);
    try {
      const found = await panelAsked(get("unit", { ...about, layer: unit[0], unit: unit[1] }));
      if (found) replace(side, panel(found, { name: unitName(told, ...unit), close: () => set({ unit: null }) }));
    } catch {
      replace(side);
    }
  }

  const soon = paced(() => whole("epoch") === null && update(), 400);
  update(first);
  return { update, hear: newAge(() => context.run, soon) };
}

export const legend = (scale) => el("p", { class: "note key-line" },
  el("span", {}, el("i", { class: "swatch plus" }), t("network.plus")),
  el("span", {}, el("i", { class: "swatch minus" }), t("network.minus")),
  el("span", {}, t("network.colours")),
  scale ? el("span", {}, t("network.scale"), " ", number(scale[0], 3), " ", el("span", { class: "ramp" }), " ", number(scale[1], 3)) : null);
