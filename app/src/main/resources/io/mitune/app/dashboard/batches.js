// How far each batch is: those under way, and the one that was just published here.
import { byId, children, el, say, write } from "./dom.js";
import { count, duration, rate } from "./format.js";

const STEPS = 4; // a screen reader hears of each quarter
const WORDS = { waiting: "waits for its turn", drawing: "being drawn", drawn: "all drawn, being curated", done: "done" };

let own = null;
let told = "";

/** Follows this batch, whatever else is under way. */
export function followBatch({ run, batch, round }) {
  own = key({ run, batch, round });
  told = "";
}

export function drawBatches({ batches }) {
  const shown = batches.filter((b) => b.state !== "done" || key(b) === own);
  byId("batches").hidden = shown.length === 0;
  children(byId("batch-rows"), shown, key, newRow, updateRow);
  const mine = shown.find((b) => key(b) === own);
  if (mine) tell(mine);
}

const key = (b) => `${b.run}/${b.round}/${b.batch}`;

function newRow() {
  return el("li", {},
    el("p", { class: "what" }, el("strong"), " ", el("span", { class: "badge" })),
    el("div", { class: "progress", role: "progressbar", "aria-valuemin": "0" }, el("div")),
    el("p", { class: "meta" }, el("span"), el("span"), el("span")));
}

function updateRow(node, b) {
  const name = `${b.run}, round ${b.round}`;
  write(node.querySelector("strong"), name);
  node.querySelector(".what").title = `batch ${b.batch}`;
  const badge = node.querySelector(".badge");
  badge.className = `badge ${b.state === "done" ? "good" : ""}`;
  write(badge, WORDS[b.state] ?? b.state);
  const { arrived, requested } = b.candidates;
  const progress = node.querySelector(".progress");
  progress.style.setProperty("--part", requested ? Math.min(1, arrived / requested) : 0);
  progress.setAttribute("aria-valuenow", arrived);
  progress.setAttribute("aria-valuemax", requested);
  progress.setAttribute("aria-label", `candidates of ${name}`);
  const facts = [candidates(b), prompts(b), pace(b)];
  node.querySelectorAll(".meta span").forEach((span, i) => write(span, facts[i]));
}

function candidates(b) {
  const failed = b.candidates.failed ? `, ${count(b.candidates.failed)} failed` : "";
  return `${count(b.candidates.arrived)} of ${count(b.candidates.requested)} candidates${failed}`;
}

function prompts(b) {
  const p = b.prompts;
  const none = p.nothingKept ? `, ${count(p.nothingKept)} without a sample` : "";
  return `${count(p.curated)} of ${count(p.all)} prompts curated${none}`;
}

function pace(b) {
  if (b.state === "done" || !b.perSecond) return "";
  return b.state === "drawing" && b.etaSeconds !== null ? `${rate(b.perSecond)}, done in ${duration(b.etaSeconds)}` : rate(b.perSecond);
}

/** Says now and then how far it is: each change would be too much to listen to. */
function tell(b) {
  const quarter = Math.floor((STEPS * b.candidates.arrived) / Math.max(1, b.candidates.requested));
  const now = `${b.state} ${quarter}`;
  if (now !== told) {
    told = now;
    say(`${b.run}, round ${b.round}: ${WORDS[b.state] ?? b.state}, ${candidates(b)}, ${prompts(b)}.`);
  }
}
