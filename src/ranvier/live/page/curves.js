// View 1: loss, scores and rates over the epochs, of one run or of many.

import { get } from "./api.js";
import { chart } from "./chart.js";
import { line } from "./colours.js";
import { arrange, el, later, paced, replace } from "./dom.js";
import { field, nothing, runTitle } from "./parts.js";
import { set, state } from "./state.js";
import { count, has, language, named, t } from "./text.js";
import { range } from "./zoom.js";

const MOST = 2000;
const LAYERS = ["layer: dead", "layer: saturated", "layer: update"];

// Which curves share a chart; a metric has one of its own.
const chartOf = (name) => (name === "validation_loss" ? "loss" : name);

export function open(root, first) {
  const filter = el("input", { type: "search", id: "filter", value: state().filter ?? "", placeholder: t("curves.filter_hint"), oninput: later((event) => !event.isComposing && set({ filter: filter.value }, { replace: true }), 200) });
  const smooth = el("input", { type: "range", id: "smooth", min: 0, max: 0.99, step: 0.01, oninput: () => set({ smooth: smooth.value > 0 ? smooth.value : null }, { replace: true }) });
  smooth.value = state().smooth ?? 0;
  const smoothed = el("output", { for: "smooth" });
  const log = (name) => {
    const box = el("input", { type: "checkbox", id: name, onchange: () => set({ [name]: box.checked ? 1 : null }, { replace: true }) });
    box.checked = state()[name] === "1";
    return el("label", { class: "check" }, box, t(`curves.${name}`));
  };
  const grid = el("div", { class: "charts" });
  const head = el("div", { class: "heading" });
  const tools = el("div", { class: "toolbar" },
    field(t("curves.filter"), filter),
    el("div", { class: "field" }, el("label", { for: "smooth" }, t("curves.smooth")), smooth, smoothed),
    log("logx"), log("logy"));
  const verdicts = el("div", { class: "verdicts" });
  root.append(el("h1", { class: "unseen" }, t("view.curves")), head, verdicts, tools, grid, el("p", { class: "note" }, t("curves.zoom_hint")));

  const data = new Map();
  const details = new Map(); // of long runs, what a zoomed chart shows
  const charts = new Map();
  let context = first;
  const options = () => ({ logX: state().logx === "1", logY: state().logy === "1", smooth: Number(state().smooth ?? 0) });

  async function load(run) {
    const show = (told, ages) => { data.set(run, { ...data.get(run), ...told, ages }); render(); };
    const quick = await get("curves", { run, points: MOST, quick: 1 });
    show(quick, data.get(run)?.ages ?? []);
    const about = await get("run", { run, layers: 1 });
    show(quick.partial ? await get("curves", { run, points: MOST }) : quick, about.layers);
    if (range("zoom")) moreDetail();
  }

  // A long run is drawn through points that stand for many epochs; a zoomed range
  // is loaded in more detail.
  const moreDetail = later(async () => {
    const looked = range("zoom");
    for (const run of context.overlaid) {
      const told = data.get(run);
      if (!looked || !told || told.total <= told.epoch.length) continue;
      const found = await get("curves", { run, points: MOST, from: looked[0], to: looked[1] }).catch(() => null);
      if (found) details.set(run, { ...found, looked: looked.join() });
    }
    render();
  }, 150);

  const seen = (run) => {
    const detail = details.get(run);
    return detail && detail.looked === range("zoom")?.join() ? detail : data.get(run);
  };

  function render() {
    if (!context.run) return replace(grid, nothing("curves.none"));
    examine();
    smoothed.textContent = options().smooth.toFixed(2);
    heading();
    const wanted = (state().filter ?? "").toLowerCase();
    const names = new Set();
    for (const run of context.overlaid)
      for (const name of Object.keys(data.get(run)?.series ?? {})) names.add(chartOf(name));
    for (const name of LAYERS) if (layerLines(name).length) names.add(name);
    const order = [...names].filter((name) => title(name).toLowerCase().includes(wanted) || name.includes(wanted)).sort((a, b) => rank(a) - rank(b));
    for (const [name, old] of charts) if (!order.includes(name)) { old.leave(); charts.delete(name); }
    for (const name of order) {
      if (!charts.has(name)) charts.set(name, chart({ title: title(name), note: note(name), name: name.replace(/\W+/g, "-"), options }));
      charts.get(name).show(lines(name));
    }
    const nodes = order.map((name) => charts.get(name).node);
    if (nodes.length) arrange(grid, nodes);
    else replace(grid, el("p", { class: "empty-view" }, t(names.size ? "curves.no_match" : "chart.empty")));
  }

  // What the doctor finds in the first run, once that is over.
  let asked = "";
  async function examine() {
    const run = about(context.run);
    const what = run && run.state !== "running" ? `${run.id} ${run.state} ${run.epochs} ${language()}` : "";
    if (what === asked) return;
    asked = what;
    replace(verdicts);
    if (!what) return;
    const found = await get("findings", { run: run.id, lang: language() }).catch(() => null);
    if (found?.findings.length && what === asked) replace(verdicts, verdictCard(found.findings));
  }

  // What the layers of the first run looked like, at the ages that were looked at.
  function layerLines(name) {
    const ages = data.get(context.run)?.ages ?? [];
    const count_ = ages[0]?.layers.length ?? 0;
    return Array.from({ length: count_ }, (_, l) => ({
      label: l === count_ - 1 ? t("network.outputs") : t("network.layer", { layer: l + 1 }),
      x: ages.map((age) => age.epoch), mean: ages.map((age) => age.layers[l][name.slice(7)]),
      colour: line(l), dash: l % 4,
    })).filter((one) => one.mean.some((value) => value !== null && value !== undefined));
  }

  function lines(name) {
    if (LAYERS.includes(name)) return layerLines(name);
    const found = [];
    context.overlaid.forEach((run, place) => {
      const told = seen(run);
      if (!told) return;
      const parts = name === "loss" ? ["loss", "validation_loss"] : [name];
      parts.forEach((part, i) => {
        const series = told.series[part];
        if (!series) return;
        const many = context.overlaid.length > 1;
        const label = many ? `${short(run)} · ${named("series", part)}` : named("series", part);
        const at = many ? place : i;
        found.push({ label, x: told.epoch, ...series, colour: line(at), dash: i, kept: about(run)?.kept_epoch });
      });
    });
    return found;
  }

  const about = (run) => context.runs.find((one) => one.id === run);
  const short = (run) => runTitle(about(run) ?? { id: run });

  function heading() {
    const run = about(context.run);
    if (!run) return;
    const facts = [
      t(`run.${run.state}`),
      t("run.shape", { shape: run.shape.join(" → ") }),
      run.rows ? t("run.rows", { rows: count(run.rows) }) : null,
      run.state === "running" && run.planned ? t("run.progress", { epoch: count(run.epochs), planned: count(run.planned) }) : null,
      run.members > 1 ? t("run.member", { members: count(run.members) }) : null,
      run.kept_epoch ? t("run.kept", { epoch: count(run.kept_epoch) }) : null,
    ];
    replace(head, el("h2", {}, runTitle(run)), el("p", {}, facts.filter(Boolean).join(" · ")),
      run.state === "diverged" ? el("p", { class: "warning", lang: "en" }, run.end.why ?? t("run.diverged_why")) : null,
      run.state === "stopped" ? el("p", { class: "note" }, t("run.resume"), " ", el("code", {}, `ranvier resume ${quoted(run.folder)}`)) : null);
  }

  const drawSoon = paced(render, 250);

  // The statistics of the layers come with the networks that are kept.
  async function layersSoon(news) {
    data.get(news.run).newest = news.newest;
    const found = await get("run", { run: news.run, layers: 1 }).catch(() => null);
    const told = data.get(news.run);
    if (!found || !told) return;
    told.ages = found.layers;
    drawSoon();
  }

  function append(news) {
    const told = data.get(news.run);
    if (!told || news.all) return load(news.run);
    if (news.newest !== told.newest) layersSoon(news);
    for (const [name, values] of Object.entries(news.series)) {
      const nothing_ = () => Array(told.epoch.length).fill(null);
      const series = (told.series[name] ??= { mean: nothing_(), low: nothing_(), high: nothing_() });
      for (const key of ["mean", "low", "high"]) series[key].push(...(values[key] ?? values.mean));
    }
    told.epoch.push(...news.epoch);
    told.total = news.total;
    if (told.epoch.length > 2 * MOST) halve(told);
    drawSoon();
  }

  let looked = "";
  function update(next) {
    context = next;
    if ((range("zoom") ?? []).join() !== looked) {
      looked = (range("zoom") ?? []).join();
      details.clear();
      moreDetail();
    }
    for (const run of context.overlaid) if (!data.has(run)) { data.set(run, null); load(run); }
    for (const run of data.keys()) if (!context.overlaid.includes(run)) data.delete(run);
    render();
  }

  update(first);
  return {
    update,
    hear: (kind, news) => kind === "rows" && append(news),
    leave: () => charts.forEach((one) => one.leave()),
  };
}

function verdictCard(findings) {
  return el("section", { class: "card", "aria-label": t("doctor.title") }, el("h2", {}, t("doctor.title")),
    el("ol", {}, findings.map((one) => el("li", {},
      el("strong", {}, one.verdict), " ", el("span", { class: "tag" }, t(`doctor.${one.confidence}`)),
      el("p", { class: "note" }, one.cure, one.code ? el("details", {}, el("summary", {}, t("doctor.code")), el("pre", {}, one.code)) : null),
      evidence(one.evidence)))));
}

// A way to what a verdict speaks of: a layer of the network, or a row.
function evidence(found) {
  const to = typeof found.layer === "number" ? { view: "network", unit: `${found.layer - 1}.${found.unit ?? 0}` } : null;
  return to && el("button", { type: "button", class: "small", onclick: () => set(to) }, t("doctor.show"));
}

// A path as a shell takes it.
const quoted = (path) => (/^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`);

const title = (name) => named("chart", name);
const note = (name) => (has(`note.${name}`) ? t(`note.${name}`) : null);
const rank = (name) => (name === "loss" ? 0 : name.startsWith("metric") ? 1 : name === "learning_rate" ? 2 : name.startsWith("layer") ? 4 : 3);

// Joins two points to one, so that a page left open for hours does not grow.
function halve(told) {
  const pairs = (values, join) => {
    const out = [];
    for (let i = 0; i < values.length; i += 2) out.push(i + 1 < values.length ? join(values[i], values[i + 1]) : values[i]);
    return out;
  };
  const either = (f) => (a, b) => (a === null ? b : b === null ? a : f(a, b));
  told.epoch = pairs(told.epoch, (_, b) => b);
  for (const series of Object.values(told.series)) {
    series.mean = pairs(series.mean, either((a, b) => (a + b) / 2));
    series.low = pairs(series.low, either(Math.min));
    series.high = pairs(series.high, either(Math.max));
  }
}
