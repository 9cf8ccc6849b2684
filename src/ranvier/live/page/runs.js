// View 6: all runs in a table, to sort, to filter, to lay over each other.

import { el, later, replace } from "./dom.js";
import { nothing } from "./parts.js";
import { set, state } from "./state.js";
import { count, named, number, t, when } from "./text.js";

const MOST = 100;
const FIXED = ["id", "state", "created", "epochs", "loss", "validation_loss"];

export function open(root, first) {
  const filter = el("input", { type: "search", id: "runs-filter", value: state().runs ?? "", placeholder: t("runs.filter_hint"), oninput: later((event) => !event.isComposing && set({ runs: filter.value }, { replace: true }), 150) });
  const all = el("input", { type: "checkbox", id: "all-parameters", onchange: () => set({ all: all.checked ? 1 : null }, { replace: true }) });
  all.checked = state().all === "1";
  const told = el("p", { class: "summary" });
  const board = el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": t("runs.table") });
  root.append(el("h1", { class: "unseen" }, t("view.runs")),
    el("div", { class: "toolbar" }, el("label", { class: "field" }, el("span", {}, t("runs.filter")), filter), el("label", { class: "check" }, all, t("runs.all")),
      el("button", { type: "button", onclick: () => set({ view: "curves" }) }, t("runs.overlay"))),
    told, el("section", { class: "card" }, board));
  let context = first;

  function update(next) {
    context = next ?? context;
    if (!context.runs.length) return replace(board, nothing("curves.none"));
    const wanted = (state().runs ?? "").toLowerCase();
    const found = context.runs.filter((run) => !wanted || JSON.stringify(run).toLowerCase().includes(wanted));
    const columns = columnsOf(context.runs, state().all === "1");
    const [by, way] = (state().sort ?? "created.down").split(".");
    const sorted = [...found].sort((a, b) => compare(cell(a, by), cell(b, by)) * (way === "down" ? -1 : 1));
    const shown = sorted.slice(0, state().rows === "all" ? sorted.length : MOST);
    told.textContent = t("runs.found", { found: count(found.length), all: count(context.runs.length) });
    replace(board, el("table", { class: "runs" },
      el("thead", {}, el("tr", {}, el("th", { scope: "col" }, t("runs.show")), columns.map((name) => head(name, by, way)))),
      el("tbody", {}, shown.map((run) => line(run, columns)))),
      shown.length < sorted.length ? el("button", { type: "button", id: "all-runs", onclick: () => set({ rows: "all" }, { replace: true }) }, t("runs.more", { more: count(sorted.length - shown.length) })) : null);
  }

  function head(name, by, way) {
    const is = name === by;
    return el("th", { scope: "col", class: FIXED.includes(name) ? null : "differs", "aria-sort": is ? (way === "down" ? "descending" : "ascending") : null },
      el("button", { type: "button", class: "link", id: `sort-${name}`, onclick: () => set({ sort: `${name}.${is && way === "up" ? "down" : "up"}` }, { replace: true }) }, label(name), is ? (way === "down" ? " ▾" : " ▴") : ""));
  }

  function line(run, columns) {
    const ticked = context.overlaid.includes(run.id);
    const box = el("input", { type: "checkbox", id: `tick-${run.id}`, "aria-label": t("runs.tick", { run: run.id }), onchange: () => tick(run.id, box.checked) });
    box.checked = ticked;
    const damaged = run.state === "damaged";
    return el("tr", { class: ticked ? "chosen" : null }, el("td", {}, damaged ? null : box), columns.map((name) => {
      if (name === "id" && damaged) return el("th", { scope: "row" }, run.id, el("small", { class: "note", lang: "en" }, run.reason));
      if (name === "id") return el("th", { scope: "row" }, el("a", { href: "#", onclick: (event) => { event.preventDefault(); set({ run: run.id, view: "curves", with: null }); } }, run.id));
      return el("td", { class: FIXED.includes(name) ? null : "differs" }, written(run, name));
    }));
  }

  function tick(id, on) {
    const others = context.overlaid.filter((one) => one !== id);
    const next = on ? [...others, id] : others;
    set({ run: next[0] ?? null, with: next.slice(1).join(",") }, { replace: true });
  }

  update(first);
  return { update };
}

const cell = (run, name) => (name in run && name !== "parameters" ? run[name] : name.startsWith("metric: ") ? run.metrics[name.slice(8)] : run.parameters[name]);

function written(run, name) {
  const value = cell(run, name);
  if (name === "state") return el("span", { class: `state ${value}` }, t(`run.${value}`));
  if (name === "created") return when(value);
  if (name === "epochs") return run.planned ? `${count(value)} / ${count(run.planned)}` : count(value);
  const best = name.startsWith("metric: ") ? run.best.metrics?.[name.slice(8)] : run.best[name];
  const kept = best === undefined || best === null || best === value ? null : el("small", { class: "note" }, t("runs.kept", { value: number(best), epoch: count(run.kept_epoch) }));
  if (kept) return [number(value), " ", kept];
  return typeof value === "boolean" ? t(value ? "word.yes" : "word.no") : number(value);
}

const label = (name) => (FIXED.includes(name) ? t(`runs.${name}`) : named("parameter", name));

// Parameters in which the runs differ; or all of them.
function columnsOf(runs, all) {
  const metrics = new Set(runs.flatMap((run) => Object.keys(run.metrics).map((name) => `metric: ${name}`)));
  const names = [...new Set(runs.flatMap((run) => Object.keys(run.parameters)))];
  const differ = names.filter((name) => all || new Set(runs.map((run) => JSON.stringify(run.parameters[name] ?? null))).size > 1);
  return [...FIXED, ...metrics, ...differ];
}

function compare(a, b) {
  if (a === b) return 0;
  if (a === null || a === undefined) return -1;
  if (b === null || b === undefined) return 1;
  return typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b));
}
