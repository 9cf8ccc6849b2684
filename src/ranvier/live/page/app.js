// The frame: which run, which view, which language, dark or light.

import { get, stream } from "./api.js";
import { el, replace } from "./dom.js";
import { runPicker } from "./parts.js";
import { onChange, preference, set, state } from "./state.js";
import { LANGUAGES, language, speak, t } from "./text.js";
import * as curves from "./curves.js";
import * as map from "./map.js";
import * as network from "./network.js";
import * as playground from "./playground.js";
import * as row from "./row.js";
import * as runs from "./runs.js";

const VIEWS = { curves, network, row, map, playground, runs };
const about = { runs: [], views: Object.keys(VIEWS) };
const top_ = document.getElementById("top");
const brand = top_.querySelector(".brand"); // there from the first paint on
const main = document.getElementById("main");
let view = null;
let shown = "";
let close = () => {};
let watched = "";

const viewName = () => {
  const asked = state().view;
  if (asked in VIEWS) return asked;
  return about.runs.length ? "curves" : "playground";
};

const readable = () => about.runs.filter((run) => run.state !== "damaged");

// The run that the views look at: the one of the address, or the newest.
const runName = () => state().run ?? readable()[0]?.id ?? null;

// A run of the address that is not there, or can no longer be read.
const isGone = () => Boolean(state().run) && !readable().some((run) => run.id === state().run);

const overlaid = () => {
  const ids = (state().with ?? "").split(",").filter((id) => readable().some((run) => run.id === id));
  const first = runName();
  return first && !isGone() ? [first, ...ids.filter((id) => id !== first)].slice(0, 16) : [];
};

const context = () => ({ runs: about.runs, run: runName(), overlaid: overlaid() });

function header() {
  const now = viewName();
  const links = about.views.map((name) =>
    el("li", {}, el("a", {
      id: `to-${name}`, href: "#", "aria-current": name === now ? "page" : null,
      onclick: (event) => { event.preventDefault(); set({ view: name }); },
    }, t(`view.${name}`))));
  const languages = el("select", { id: "language", "aria-label": t("top.language"), onchange: (event) => change({ lang: event.target.value }) },
    Object.entries(LANGUAGES).map(([tag, name]) =>
      el("option", { value: tag, lang: tag, selected: tag === language() }, name)));
  languages.value = language();
  const dark = document.documentElement.dataset.theme === "dark";
  const theme = el("button", { type: "button", id: "theme", "aria-pressed": dark ? "true" : "false", onclick: () => change({ theme: dark ? "light" : "dark" }) }, t("top.dark"));
  replace(top_,
    brand,
    el("nav", { "aria-label": t("top.views") }, el("ul", {}, links)),
    el("div", { class: "settings" },
      ["runs", "playground"].includes(now) ? null : runPicker(readable(), runName()), languages, theme));
}

async function change({ lang, theme }) {
  if (lang) {
    preference("lang", lang);
    set({ lang }, { replace: true });
    await speak(lang);
  }
  if (theme) {
    preference("theme", theme);
    set({ theme }, { replace: true });
    document.documentElement.dataset.theme = theme;
  }
  shown = "";
  render();
}

function render() {
  const now = viewName();
  header();
  if (isGone() && !["runs", "playground"].includes(now)) return gone();
  document.getElementById("skip").textContent = t("top.skip");
  document.title = `${t(`view.${now}`)} – Ranvier`;
  if (now !== shown) {
    view?.leave?.();
    main.replaceChildren();
    shown = now;
    view = VIEWS[now].open(main, context());
    main.className = `view-${now}`;
  } else view.update?.(context());
  listen();
}

// Never another run under the address of one that is gone.
function gone() {
  view?.leave?.();
  view = null;
  shown = "";
  main.replaceChildren(el("div", { class: "empty-view" }, el("p", {}, t("run.gone", { run: state().run })),
    el("button", { type: "button", id: "newest-run", onclick: () => set({ run: null, with: null, epoch: null, row: null, unit: null, weight: null, x: null, y: null }) }, t("run.newest"))));
}

// Says that the server cannot be reached, until it can be.
function connected(is) {
  const old = document.getElementById("lost");
  if (is) old?.remove();
  else if (!old) top_.after(el("p", { id: "lost", class: "warning", role: "alert" }, t("top.lost")));
}

// Hears of the runs that are looked at, and of the playground.
function listen() {
  const runs_ = overlaid();
  if (runs_.join() === watched && watched !== "") return;
  watched = runs_.join() || "-";
  close();
  close = stream(runs_, (kind, news) => {
    view?.hear?.(kind, news);
    if (kind === "rows" && news.ended) refresh();
  });
}

onChange(async (now, before) => {
  if (now.lang && now.lang !== before.lang && now.lang !== language()) return change({ lang: now.lang });
  if (now.theme !== before.theme && now.theme) document.documentElement.dataset.theme = now.theme;
  render();
});

async function begin() {
  const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  document.documentElement.dataset.theme = state().theme ?? preference("theme") ?? system;
  const asked = state().lang ?? preference("lang") ?? navigator.language.slice(0, 2);
  const [, told] = await Promise.all([speak(asked), get("runs")]);
  about.runs = told.runs;
  render();
  const again = async () => {
    if (!document.hidden) await refresh();
    setTimeout(again, about.runs.length > 100 ? 3000 : 900);
  };
  again();
}

// Asks for the list of the runs, and shows what has changed.
async function refresh() {
  const fresh = (await get("runs").catch(() => null))?.runs;
  connected(Boolean(fresh));
  if (!fresh) return;
  const states = (runs_) => runs_.map((run) => `${run.id} ${run.state}`).join();
  const changed = states(fresh) !== states(about.runs);
  const moved = JSON.stringify(fresh) !== JSON.stringify(about.runs);
  about.runs = fresh;
  if (changed) render();
  else if (moved && ["runs", "curves"].includes(shown)) view?.update(context());
}

begin();
