// Colours distinguishable by the colour-blind (Okabe & Ito, 2008), and scales of them.

export const LINES = [
  "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#b8860b", "#56b4e9", "#7a5195", "#6b6b6b",
];
const LIGHTER = {
  "#0072b2": "#5cb3e8", "#d55e00": "#ff9248", "#009e73": "#3fd0a4", "#cc79a7": "#eba3cc",
  "#b8860b": "#e6bd4c", "#56b4e9": "#9ad5fb", "#7a5195": "#b894d6", "#6b6b6b": "#b4b4b4",
};

export const isDark = () => document.documentElement.dataset.theme === "dark";

export function line(place) {
  const colour = LINES[place % LINES.length];
  return isDark() ? LIGHTER[colour] : colour;
}

const LOW = [213, 94, 0];
const HIGH = [0, 114, 178];

// From orange over the ground's own grey to blue; `at` in [-1, 1].
export function diverging(at) {
  const ground = isDark() ? [40, 44, 52] : [244, 244, 241];
  const end = at < 0 ? LOW : HIGH;
  const part = Math.min(1, Math.abs(at)) ** 0.8;
  return ground.map((value, i) => Math.round(value + part * (end[i] - value)));
}

export const css = ([r, g, b]) => `rgb(${r} ${g} ${b})`;

export const sign = (value) => (value < 0 ? line(1) : line(0));

// A square of bytes, row by row from below, as a picture.
export function picture(bytes, size, paint) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = size;
  const context = canvas.getContext("2d");
  const image = context.createImageData(size, size);
  for (let i = 0; i < size * size; i++) {
    const at = ((size - 1 - Math.floor(i / size)) * size + (i % size)) * 4;
    const [r, g, b] = paint(bytes[i], i);
    image.data.set([r, g, b, 255], at);
  }
  context.putImageData(image, 0, 0);
  return canvas;
}

export const unpack = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));

export const response = (text, size) =>
  picture(unpack(text), size, (byte) => diverging(byte / 127.5 - 1)).toDataURL();
