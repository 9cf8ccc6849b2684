// From numbers to places along an axis, and round numbers to write beside it.

export function scale(low, high, from, to, { log = false } = {}) {
  const f = log ? Math.log10 : (x) => x;
  const a = f(low);
  const b = f(high) === a ? a + 1 : f(high);
  const place = (x) => from + ((f(x) - a) / (b - a)) * (to - from);
  place.invert = (at) => {
    const x = a + ((at - from) / (to - from)) * (b - a);
    return log ? 10 ** x : x;
  };
  place.log = log;
  place.low = low;
  place.high = high;
  return place;
}

export function ticks(place, most) {
  const { low, high, log } = place;
  return log ? logTicks(low, high, most) : evenTicks(low, high, most);
}

function evenTicks(low, high, most) {
  const span = high - low || 1;
  const rough = span / Math.max(1, most);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((x) => x * power).find((x) => x >= rough);
  const found = [];
  for (let i = Math.ceil(low / step); i * step <= high + step * 1e-9; i++)
    found.push(Number((i * step).toPrecision(12)));
  return found;
}

function logTicks(low, high, most) {
  const first = Math.floor(Math.log10(low));
  const last = Math.ceil(Math.log10(high));
  const each = last - first > most ? Math.ceil((last - first) / most) : 1;
  const within = last - first <= 2 ? [1, 2, 5] : [1];
  const found = [];
  for (let p = first; p <= last; p += each)
    for (const m of within) {
      const x = m * 10 ** p;
      if (x >= low * 0.999 && x <= high * 1.001) found.push(x);
    }
  return found.length >= 2 ? found : [low, high];
}
