// Looking at a range of epochs, chosen by dragging or by keys, and kept in the address.

import { say } from "./dom.js";
import { set, state } from "./state.js";
import { count, t } from "./text.js";

const DRAG = 6; // pixels, below which a press is no drag

// The range that an entry of the address asks for; null: all epochs.
export function range(name) {
  const match = /^(\d{1,12})-(\d{1,12})$/.exec(state()[name] ?? "");
  if (!match) return null;
  const [from, to] = [Number(match[1]), Number(match[2])];
  return from < to ? [from, to] : null;
}

function look(name, chosen) {
  set({ [name]: chosen ? chosen.join("-") : null }, { replace: true });
  say(chosen ? t("chart.zoomed", { from: count(chosen[0]), to: count(chosen[1]) }) : t("chart.whole"));
}

// place() => { x, width, first, last }: the axis as it is drawn; null while there is none.
export function zoom(frame, { name, place, redraw }) {
  let anchor = null;
  let reach = null;
  let pressed = null;

  const within = (epoch) => Math.min(Math.max(Math.round(epoch), place().first), place().last);

  function epochAt(event) {
    const box = frame.getBoundingClientRect();
    return within(place().x.invert(((event.clientX - box.left) / box.width) * place().width));
  }

  function drop() {
    [anchor, reach, pressed] = [null, null, null];
    redraw();
  }

  function choose(chosen) {
    look(name, chosen);
    drop();
  }

  const selection = () =>
    anchor === null || reach === null || anchor === reach ? null : [Math.min(anchor, reach), Math.max(anchor, reach)];

  frame.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || !place()) return;
    pressed = event.clientX;
    anchor = epochAt(event);
    reach = null;
    frame.setPointerCapture(event.pointerId);
  });
  frame.addEventListener("pointermove", (event) => {
    if (pressed === null || Math.abs(event.clientX - pressed) < DRAG) return;
    reach = epochAt(event);
    redraw();
  });
  frame.addEventListener("pointerup", () => {
    if (pressed === null) return;
    if (selection()) choose(selection());
    else drop();
  });
  frame.addEventListener("pointercancel", drop);
  frame.addEventListener("dblclick", () => range(name) && choose(null));

  // Half as much, or twice as much, around an epoch.
  function scaleBy(factor, around) {
    const { first, last } = place();
    const half = Math.max(1, ((last - first) * factor) / 2);
    const from = Math.max(0, Math.round(around - half));
    const to = Math.round(around + half);
    const whole = factor > 1 && from <= place().lowest && to >= place().highest;
    if (factor > 1 && !range(name)) return;
    choose(whole ? null : [from, to]);
  }

  return {
    selection,
    drop,
    whole: () => choose(null),
    extend(from, to) {
      anchor ??= from;
      reach = to;
      redraw();
    },
    // Says whether a key was one of its own.
    key(event, around) {
      if (event.key === "Enter" && selection()) choose(selection());
      else if (event.key === "Escape" && selection()) drop();
      else if (event.key === "Escape" && range(name)) choose(null);
      else if (event.key === "+" || event.key === "=") scaleBy(0.5, around);
      else if (event.key === "-") scaleBy(2, around);
      else return false;
      return true;
    },
  };
}
