// Asking the server, and hearing from it.

export class Refused extends Error {
  constructor(status, told) {
    super(told);
    this.status = status;
  }
}

export async function get(name, parameters = {}) {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(parameters))
    if (value !== null && value !== undefined && value !== "") query.set(key, value);
  return answer(await fetch(`api/${name}?${query}`));
}

export async function post(command, rest = {}) {
  const headers = { "Content-Type": "application/json", "X-Ranvier": "1" };
  const body = JSON.stringify({ command, ...rest });
  return answer(await fetch("api/command", { method: "POST", headers, body }));
}

async function answer(response) {
  if (response.ok) return response.json();
  let told = response.statusText;
  try {
    told = (await response.json()).error;
  } catch {
    // The guard answers in plain text.
  }
  throw new Refused(response.status, told);
}

// Of several answers under way, only the last asked for counts.
export function latest() {
  let turn = 0;
  return async (asking) => {
    const mine = ++turn;
    const told = await asking;
    return mine === turn ? told : null;
  };
}

// Calls `hear(kind, value)` with what is new in some runs, until it is closed.
export function stream(runs, hear) {
  const query = new URLSearchParams(runs.map((run) => ["run", run]));
  const source = new EventSource(`api/stream?${query}`);
  for (const kind of ["rows", "playground"])
    source.addEventListener(kind, (event) => hear(kind, JSON.parse(event.data)));
  return () => source.close();
}
