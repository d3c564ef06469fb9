// Who draws, and how fast.
import { byId, children, el, write } from "./dom.js";
import { ago, count, duration, number, rate } from "./format.js";

export function drawWorkers({ workers }) {
  const list = [...workers.workers].sort((a, b) => a.name.localeCompare(b.name, "en", { numeric: true }));
  byId("workers-empty").hidden = list.length > 0;
  byId("workers-table").hidden = list.length === 0;
  write(byId("workers-note"), note(workers, list));
  const now = Date.now();
  children(
    byId("workers-rows"),
    list,
    (w) => w.name,
    (w) => el("tr", {}, el("th", { scope: "row", text: w.name }), ...[1, 2, 3, 4, 5, 6].map(() => el("td", { class: "number" }))),
    (row, w) => {
      const cells = [count(w.images), rate(w.perSecond), number(w.secondsEach), count(w.failed), duration(w.deviceSeconds), ago(w.lastSeen, now)];
      row.querySelectorAll("td").forEach((cell, i) => write(cell, cells[i]));
    },
  );
}

function note(workers, list) {
  if (list.length === 0) return "";
  const busy = list.filter((w) => w.perSecond > 0).length;
  const eta = workers.remaining > 0 && workers.eta !== null ? `, ${count(workers.remaining)} candidates left, done in ${duration(workers.eta)}` : "";
  return `${busy} of ${list.length} at work${workers.perSecond > 0 ? `, ${rate(workers.perSecond)}` : ""}${eta}.`;
}
