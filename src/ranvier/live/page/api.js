// Requests to the server, and the stream of what is new.

// The secret of this origin, which enter.js kept. A page of another port has none.
const own = () => ({ "X-Ranvier": localStorage.getItem("ranvier-secret") ?? "" });

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
  return answer(await fetch(`api/${name}?${query}`, { headers: own() }));
}

export async function post(command, rest = {}) {
  const headers = { "Content-Type": "application/json", ...own() };
  const body = JSON.stringify({ command, ...rest });
  return answer(await fetch("api/command", { method: "POST", headers, body }));
}

async function answer(response) {
  if (response.ok) return response.json();
  let told = response.statusText;
  try {
    told = (await response.json()).error;
  } catch {
    // Authentication responds in plain text.
  }
  throw new Refused(response.status, told);
}

// Of several requests under way, only the last one counts.
export function latest() {
  let turn = 0;
  return async (asking) => {
    const mine = ++turn;
    const told = await asking;
    return mine === turn ? told : null;
  };
}

// Calls `hear(kind, value)` with what is new in some runs, until it is closed.
// Not an EventSource, which cannot send the secret.
export function stream(runs, hear) {
  const query = new URLSearchParams(runs.map((run) => ["run", run]));
  const end = new AbortController();
  listen(`api/stream?${query}`, hear, end.signal);
  return () => end.abort();
}

const AGAIN = 2000; // milliseconds until a lost stream is asked for again

async function listen(address, hear, signal) {
  while (!signal.aborted) {
    try {
      const response = await fetch(address, { headers: own(), signal });
      if (response.ok) await read(response.body, hear);
      else if (response.status < 500) return;
    } catch {
      // The server is gone, or the stream was closed.
    }
    await new Promise((resolve) => setTimeout(resolve, AGAIN));
  }
}

async function read(body, hear) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const events = (text + value).split("\n\n");
    text = events.pop();
    for (const event of events) {
      const fields = Object.fromEntries(event.split("\n").map((line) => line.split(/: (.*)/s, 2)));
      if (fields.event) hear(fields.event, JSON.parse(fields.data));
    }
  }
}
