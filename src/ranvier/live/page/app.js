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
const runName = () =>
  state().run && readable().some((run) => run.id === state().run)
    ? state().run
    : (readable()[0]?.id ?? null);

const overlaid = () => {
  const ids = (state().with ?? "").split(",").filter((id) => readable().some((run) => run.id === id));
  const first = runName();
  return first ? [first, ...ids.filter((id) => id !== first)].slice(0, 16) : [];
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

// Hears of the runs that are looked at, and of the playground.
function listen() {
  const runs_ = overlaid();
  if (runs_.join() === watched && watched !== "") return;
  watched = runs_.join() || "-";
  close();
  close = stream(runs_, (kind, news) => view?.hear?.(kind, news));
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
  setInterval(async () => {
    if (document.hidden) return;
    const fresh = (await get("runs").catch(() => null))?.runs;
    if (!fresh) return;
    const grown = fresh.map((run) => run.id).join() !== about.runs.map((run) => run.id).join();
    const moved = JSON.stringify(fresh) !== JSON.stringify(about.runs);
    about.runs = fresh;
    if (grown) render();
    else if (moved && shown === "runs") view.update(context());
  }, 2000);
}

begin();
