// Keeps a copy of the server's data up to date, whatever happens to the connection.

const RETRY_MILLIS = 2000;

/** What the server said last; sections have the names that they have there. */
export const data = {};

let lastId = "";
let source = null;
let retry = 0;

/**
 * Connects, and stays so. `changed(names)` is told which sections are new, `state(word)` how the
 * connection is: connecting, live or lost. A hidden page lets its connection go: browsers give one
 * server only a few.
 */
export function follow(changed, state) {
  const connect = () => {
    clearTimeout(retry);
    source?.close();
    const after = lastId ? `?lastEventId=${encodeURIComponent(lastId)}` : "";
    source = new EventSource(`/api/dashboard/events${after}`);
    source.addEventListener("open", () => state("live"));
    source.addEventListener("snapshot", (event) => take(event, changed));
    source.addEventListener("update", (event) => take(event, changed));
    source.addEventListener("error", async () => {
      state("lost");
      if (source.readyState !== EventSource.CLOSED) return;
      retry = setTimeout(connect, RETRY_MILLIS);
      if (await isRefused()) location.assign("/login?next=/");
    });
  };
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) {
      clearTimeout(retry);
      source?.close();
    } else if (source?.readyState !== EventSource.OPEN) {
      connect();
    }
  });
  connect();
}

/** Whether the session has ended: an EventSource does not tell why it was closed. */
const isRefused = () => fetch("/api/dashboard/prompts").then((answer) => answer.status === 401, () => false);

function take(event, changed) {
  lastId = event.lastEventId;
  const fresh = JSON.parse(event.data);
  const names = new Set();
  for (const [name, value] of Object.entries(fresh)) {
    if (name === "prompts" && value.order) joinPrompts(value);
    else if (name === "gallery" && !value.items) data.gallery.added = value.added;
    else data[name] = value;
    names.add(name);
  }
  changed(names);
}

/** An update has only the cards that changed. */
function joinPrompts(update) {
  const known = new Map(data.prompts.cards.map((card) => [card.id, card]));
  for (const card of update.changed) known.set(card.id, card);
  const { order, changed, ...counts } = update;
  Object.assign(data.prompts, counts);
  data.prompts.cards = order.filter((id) => known.has(id)).map((id) => known.get(id));
  data.prompts.stale = order.length !== data.prompts.cards.length;
}

/** `fetch` whose failure says what is the matter, in any browser. */
export const reach = (path, options) =>
  fetch(path, options).catch(() => {
    throw new Error("the server does not answer; try again when the page is live");
  });

/** Asks the server; a refusal is an error with its line. */
export async function ask(path, options = {}) {
  const answer = await reach(path, { headers: { "Content-Type": "application/json" }, ...options });
  const body = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(body.error ?? `the server answered ${answer.status}`);
  return body;
}
