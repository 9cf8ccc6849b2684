// Elements, made of text nodes and attributes alone: no text from the data is ever parsed.

const SVG = "http://www.w3.org/2000/svg";
const MATH = "http://www.w3.org/1998/Math/MathML";

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "value" || name === "checked") node[name] = value;
    else if (name === "style") Object.assign(node.style, value);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  for (const child of children.flat(9)) {
    if (child === null || child === undefined || child === false) continue;
    node.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
  return node;
}

export const el = (tag, attributes, ...children) =>
  fill(document.createElement(tag), attributes, children);

export const svg = (tag, attributes, ...children) =>
  fill(document.createElementNS(SVG, tag), attributes, children);

export const math = (tag, attributes, ...children) =>
  fill(document.createElementNS(MATH, tag), attributes, children);

// What the reader is about: a field that was gone into or holds a text not yet sent, a button
// under the pointer, a list that may be open. Whatever would replace it, because something new
// was heard, waits until it is over.
const CONTROLS = "a, button, input, select, summary, [role=button], .press";
const waiting = new Map();
let typed = null;
let pressed = null;
let returning = false; // the focus goes back to where it was: that is none of the reader's doing

const inHand = (node) => node.contains(typed) || node.contains(pressed);

function letGo() {
  const due = [...waiting];
  waiting.clear();
  for (const [node, children] of due) replace(node, children);
}

const on = (kind, hear) => addEventListener(kind, hear, { capture: true });
const isList = (node) => node?.tagName === "SELECT"; // open until it changes or loses the focus

const isField = (node) => node.matches?.("input[type=number], input[type=search]");

on("input", (event) => { typed = event.target; });
// What is marked in a field, to be typed over, is lost with it.
on("focusin", (event) => { if (isField(event.target) && !returning) typed = event.target; });
on("pointerdown", (event) => { pressed = event.target.closest?.(CONTROLS) ?? null; });
on("keydown", (event) => { if (isList(event.target) && event.key !== "Tab") pressed = event.target; });
// The click comes after the pointer is up, and what a change does after this: both come first.
for (const kind of ["pointerup", "pointercancel"])
  on(kind, () => isList(pressed) || setTimeout(() => { pressed = null; letGo(); }));
for (const kind of ["change", "focusout"])
  on(kind, () => {
    typed = null;
    if (isList(pressed)) pressed = null;
    setTimeout(letGo);
  });

// Replaces what a node holds, and keeps the focus where it was, by id.
export function replace(node, ...children) {
  const kept = children.flat(9).filter((child) => child);
  if (inHand(node)) return waiting.set(node, kept);
  waiting.delete(node);
  const held = document.activeElement;
  const id = held && node.contains(held) ? held.id : "";
  node.replaceChildren(...kept);
  if (!id) return;
  returning = true;
  document.getElementById(id)?.focus({ preventScroll: true });
  returning = false;
}

// Lets a node hold these children in this order. Those that are in their place stay there: one
// that is taken out and put back loses the focus.
export function arrange(node, children) {
  for (const child of [...node.children]) if (!children.includes(child)) child.remove();
  children.forEach((child, i) => {
    if (node.children[i] !== child) node.insertBefore(child, node.children[i] ?? null);
  });
}

export function say(text) {
  const live = document.getElementById("live");
  if (live.textContent !== text) live.textContent = text;
}

export function soon(action) {
  let waiting = false;
  return (...given) => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      action(...given);
    });
  };
}

export function later(action, wait) {
  let timer = 0;
  return (...given) => {
    clearTimeout(timer);
    timer = setTimeout(() => action(...given), wait);
  };
}

// At most once in so many milliseconds, and once more for what came in between.
export function paced(action, wait) {
  let timer = 0;
  return () => {
    timer ||= setTimeout(() => {
      timer = 0;
      action();
    }, wait);
  };
}
