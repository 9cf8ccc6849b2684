// What is looked at, kept in the address after the #: a view can be sent, and reloaded.

const listeners = new Set();

const parse = () => Object.fromEntries(new URLSearchParams(location.hash.slice(1)));

let current = parse();

export const state = () => current;

export function whole(name) {
  const text = current[name];
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : null;
}

// Changes some entries; null takes one away.
export function set(changes, { replace = false } = {}) {
  const next = { ...current };
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === undefined || value === "") delete next[name];
    else next[name] = String(value);
  }
  const hash = `#${new URLSearchParams(next)}`;
  if (hash === location.hash) return;
  if (replace) {
    history.replaceState(null, "", hash);
    changed();
  } else location.hash = hash;
}

export function onChange(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function changed() {
  const before = current;
  current = parse();
  for (const listener of [...listeners]) listener(current, before);
}

addEventListener("hashchange", changed);

// Settings of the reader, kept by the browser; without its storage, for this visit.
const own = {};

export function preference(name, value) {
  try {
    if (value !== undefined) localStorage.setItem(`ranvier.${name}`, value);
    return localStorage.getItem(`ranvier.${name}`);
  } catch {
    if (value !== undefined) own[name] = value;
    return own[name] ?? null;
  }
}
