// View 3: one row of the table, its way forward, and the chain rule back.

import { get, latest } from "./api.js";
import { el, later, paced, replace } from "./dom.js";
import { inline, number as mathNumber, op, product, result, spoken, symbol } from "./formula.js";
import { ageSlider, failure, field, memberNote, newAge, nothing } from "./parts.js";
import { set, state, whole } from "./state.js";
import { count, number, t } from "./text.js";

export function open(root, first) {
  const search = el("input", { type: "search", id: "search", value: state().search ?? "", placeholder: t("row.search_hint"), oninput: later((event) => !event.isComposing && set({ search: search.value, page: null }, { replace: true }), 250) });
  const tools = el("div", { class: "toolbar" });
  const age = el("div", {});
  tools.append(field(t("row.search"), search), age);
  const list = el("div", { class: "card" });
  const detail = el("section", { class: "detail", "aria-label": t("row.detail") });
  root.append(el("h1", { class: "unseen" }, t("view.row")), tools, el("div", { class: "row-layout" }, list, detail));
  let context = first;
  const listAsked = latest();
  const rowAsked = latest();

  async function update(next) {
    context = next ?? context;
    if (!context.run) return replace(list, nothing("curves.none"));
    const about = { run: context.run, epoch: whole("epoch") };
    try {
      const [run, told] = (await listAsked(Promise.all([
        get("run", { run: context.run }),
        get("rows", { ...about, search: state().search, page: whole("page") }),
      ]))) ?? [];
      if (!told) return;
      replace(age, ageSlider(run.kept, run.end, about.epoch), memberNote(run));
      replace(list, table(told));
      await showRow(about, whole("row") ?? told.rows[0]?.row ?? null);
    } catch (error) {
      replace(list, failure(error));
    }
  }

  async function showRow(about, row) {
    if (row === null) return replace(detail);
    try {
      const told = await rowAsked(get("row", { ...about, row, weight: state().weight }));
      if (told) replace(detail, rowDetail(told));
    } catch (error) {
      if (error.status === 422 && state().weight) return set({ weight: null }, { replace: true });
      replace(detail, failure(error));
    }
  }

  update(first);
  const soon = paced(() => whole("epoch") === null && update(), 1500);
  return { update, hear: newAge(() => context.run, soon) };
}

function table(told) {
  const chosen = whole("row") ?? told.rows[0]?.row;
  const columns = told.columns.slice(0, 6);
  const head = [t("row.number"), t("row.truth", { target: told.target }), t("row.answer"), t("row.error"), ...columns];
  const rows = told.rows.map((row) => el("tr", { class: row.row === chosen ? "chosen" : null },
    el("th", { scope: "row" }, el("button", { type: "button", id: `row-${row.row}`, class: "link", "aria-pressed": row.row === chosen ? "true" : "false", onclick: () => set({ row: row.row }) }, String(row.row))),
    el("td", {}, number(row.truth)),
    el("td", { class: row.truth === row.answer || !told.classes.length ? null : "wrong" }, number(row.answer), row.truth === row.answer || !told.classes.length ? null : el("span", { class: "unseen" }, ` ${t("row.wrong")}`)),
    el("td", {}, number(row.error, 3)),
    row.values.slice(0, 6).map((value) => el("td", {}, value === null ? t("row.missing") : number(value)))));
  const pages = el("div", { class: "pages" },
    el("button", { type: "button", id: "page-back", disabled: told.page === 0, onclick: () => set({ page: told.page - 1 || null }) }, t("row.back")),
    el("span", {}, t("row.page", { page: count(told.page + 1), pages: count(told.pages || 1), found: count(told.found) })),
    el("button", { type: "button", id: "page-on", disabled: told.page + 1 >= told.pages, onclick: () => set({ page: told.page + 1 }) }, t("row.on")));
  return [
    el("h2", {}, t("row.list")), el("p", { class: "note" }, t("row.list_note")),
    el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": t("row.list") },
      el("table", { class: "rows" }, el("thead", {}, el("tr", {}, head.map((name) => el("th", { scope: "col" }, name)))), el("tbody", {}, rows))),
    pages,
  ];
}

function rowDetail(told) {
  const right = told.truth === told.answer;
  const values = told.columns.map((name, i) => [el("dt", {}, name), el("dd", {}, told.values[i] === null ? t("row.missing") : number(told.values[i]))]);
  return [
    el("div", { class: "card" },
      el("h2", {}, t("row.title", { row: told.row })),
      el("p", { class: "verdict" }, t(told.classes.length ? (right ? "row.right" : "row.was_wrong") : "row.number_told", { answer: number(told.answer), truth: number(told.truth), target: told.target }), " ",
        el("span", { class: "tag" }, t(told.training ? "row.training" : "row.held_out"))),
      el("p", {}, t("row.loss", { loss: number(told.loss, 5), name: told.loss_name })),
      el("details", {}, el("summary", {}, t("row.values")), el("dl", { class: "values" }, values))),
    el("div", { class: "card" }, el("h3", {}, t("row.forward")), el("p", { class: "note" }, t("row.forward_note")),
      told.embedded ? el("p", { class: "note" }, t("embedded.row", { count: count(told.inputs.length), name: told.inputs[0].name })) : null, told.layers.map((layer) => layerTable(told, layer))),
    chain(told),
  ];
}

function layerTable(told, layer) {
  const open = whole("layer") === layer.number ? whole("of") : null;
  const last = layer.number === told.layers.length;
  const name = (index) => (last ? told.outputs[index] : String(index));
  const rows = layer.units.flatMap((unit) => {
    const isOpen = open === unit.index;
    const press = () => set(isOpen ? { layer: null, of: null } : { layer: layer.number, of: unit.index });
    return [
      el("tr", {}, el("th", { scope: "row" }, el("button", { type: "button", class: "link", id: `sum-${layer.number}-${unit.index}`, "aria-expanded": isOpen ? "true" : "false", onclick: press }, name(unit.index))),
        [unit.z, unit.a, unit.slope, unit.dz].map((value) => el("td", {}, number(value)))),
      isOpen ? el("tr", {}, el("td", { colspan: 5, class: "sum" }, sum(told, layer, unit))) : null,
    ];
  });
  const f = (prime) => [symbol("f"), prime ? op("′") : null, op("("), symbol("z"), op(")")];
  const heads = [
    t(last ? "network.outputs" : "row.unit"), spoken("z", symbol("z")), spoken("a = f(z)", symbol("a"), op("="), f(false)),
    spoken("f′(z)", f(true)), spoken("∂L/∂z", symbol("dL/dz")),
  ];
  return el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": t("row.layer", { layer: layer.number, activation: layer.activation }) },
    el("table", { class: "numbers" },
      el("caption", {}, t("row.layer", { layer: layer.number, activation: layer.activation }), " ", el("span", { class: "note" }, t("row.shape", { d_in: count(layer.d_in), d_out: count(layer.d_out) }))),
      el("thead", {}, el("tr", {}, heads.map((head) => el("th", { scope: "col" }, head)))), el("tbody", {}, rows)),
    layer.d_out > layer.units.length ? el("p", { class: "note" }, t("network.more", { more: count(layer.d_out - layer.units.length) })) : null);
}

// A unit's sum, whose terms can be followed back: each is a weight to explain.
function sum(told, layer, unit) {
  const parts = unit.terms.map(([i, x, w]) => {
    const weight = `W${layer.number}[${i},${unit.index}]`;
    const source = layer.number === 1 ? told.inputs[i].name : t("row.a", { layer: layer.number - 1, unit: i });
    return el("li", {},
      el("button", { type: "button", class: "link term", id: `term-${layer.number}-${unit.index}-${i}`, "aria-pressed": weight === told.weight ? "true" : "false", onclick: () => set({ weight }) },
        inline(mathNumber(number(x)), op("·"), mathNumber(number(w)), op("="), result(number(x * w)))),
      " ", el("span", { class: "note" }, source));
  });
  const more = layer.d_in - unit.terms.length;
  return [
    el("p", { class: "note" }, t("row.sum_note")),
    el("ul", { class: "terms" }, parts, more > 0 ? el("li", { class: "note" }, t("row.more_terms", { more: count(more) })) : null, el("li", {}, inline(symbol("b"), op("="), result(number(unit.b)))))];
}

// What a factor of the chain rule says, by its kind.
function meaning(name) {
  if (/^dL\/dA/.test(name)) return t("factor.loss");
  if (/^dL\/dZ/.test(name)) return t("factor.loss_z");
  if (/^dA\d*\[.*\/dZ/.test(name)) return t("factor.slope");
  if (/\/db/.test(name)) return t("factor.bias");
  return t("factor.input");
}

function isWeight(layers, name) {
  const match = /^(?:W(\d+)\[(\d+),(\d+)\]|b(\d+)\[(\d+)\])$/.exec(name);
  const layer = match && layers[Number(match[1] ?? match[4]) - 1];
  return Boolean(layer) && Number(match[2] ?? 0) < layer.d_in && Number(match[3] ?? match[5]) < layer.d_out;
}

function chain(told) {
  const e = told.explained;
  const factors = e.factors.map((factor) => ({ ...factor, text: number(factor.value) }));
  const weights = [...new Set([told.weight, ...told.layers.flatMap((layer) => layer.units.slice(0, 4).flatMap((unit) => unit.terms.slice(0, 3).map(([i]) => `W${layer.number}[${i},${unit.index}]`)))])];
  const pick = el("select", { id: "weight", onchange: (event) => set({ weight: event.target.value }) }, weights.map((name) => el("option", { value: name }, name)));
  pick.value = told.weight;
  const any = el("input", { type: "search", id: "any-weight", placeholder: "W2[3,0]", autocomplete: "off", spellcheck: "false", oninput: () => any.setCustomValidity(""), onchange: () => {
    const name = any.value.replaceAll(" ", "");
    any.setCustomValidity(!name || isWeight(told.layers, name) ? "" : t("row.no_weight", { weight: name }));
    if (any.reportValidity() && name) set({ weight: name });
  } });
  const rows = factors.flatMap((factor) => [
    el("tr", {}, el("th", { scope: "row" }, spoken(factor.name.replaceAll("d", "∂"), symbol(factor.name))), el("td", {}, factor.text), el("td", {}, meaning(factor.name), factor.source ? el("small", { class: "note", lang: "en" }, factor.source) : null)),
    factor.terms.length ? el("tr", {}, el("td", { colspan: 3 }, el("details", { open: factor.terms.length === 1 }, el("summary", {}, t("row.terms", { count: factor.terms.length })),
      el("ul", { class: "terms" }, factor.terms.map((term) => el("li", {}, el("code", {}, term.name), ` = ${term.source ? `${term.source} = ` : ""}${number(term.value)}`)))))) : null,
  ]);
  return el("div", { class: "card" },
    el("h3", {}, t("row.chain", { weight: told.weight })), el("p", { class: "note" }, t("row.chain_note")),
    el("div", { class: "toolbar inside" }, field(t("row.weight"), pick), field(t("row.any_weight"), any)),
    el("p", { class: "note" }, t("row.any_note")),
    el("p", {}, t("row.weight_is", { weight: told.weight, value: number(e.value) })),
    el("div", { class: "scroll formula", tabindex: 0, role: "region", "aria-label": t("row.formula") }, product(`dL/d${told.weight}`, factors, number(e.contribution))),
    el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": t("row.factors") },
      el("table", { class: "numbers left" }, el("thead", {}, el("tr", {}, [t("row.factor"), t("row.value"), t("row.meaning")].map((head) => el("th", { scope: "col" }, head)))), el("tbody", {}, rows))),
    el("p", { class: "summary" }, t("row.check", { difference: number(e.check.difference), gap: number(e.check.gap, 2) })),
    e.n_paths > 1 ? el("details", {}, el("summary", {}, t("row.paths", { count: count(e.n_paths) })), el("ol", {}, e.paths.map((path) => el("li", {}, el("span", { lang: "en" }, path.text), `: ${number(path.value)}`)))) : null);
}
