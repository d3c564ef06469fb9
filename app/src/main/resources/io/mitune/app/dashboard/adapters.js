// The versions of each run: what became of them, how they compare, which one to use.
import { byId, children, el, write } from "./dom.js";
import { clock, count, number } from "./format.js";
import { ask } from "./live.js";
import { pictureUrl } from "./mi.js";

const KIND = { rejected: "bad", candidate: "warn" }; // besides the one in use
const HEADER = ["Version", "Status", "Round", "Steps", "Samples", "Loss", "Validation MI", "Change", ""];

export function drawAdapters({ adapters }) {
  byId("adapters-empty").hidden = adapters.length > 0;
  children(byId("adapter-runs"), adapters, (run) => run.run, newRun, updateRun);
}

function newRun(run) {
  const head = HEADER.map((text, i) => el("th", { scope: "col", class: i > 1 && i < 8 ? "number" : "", text }));
  head[8].append(el("span", { class: "hidden", text: "Actions" }));
  return el("article", { class: "panel run" },
    el("div", { class: "head" },
      el("h3", { text: run.run }),
      el("p", { class: "note" }),
      el("button", { type: "button", class: "quiet", text: "Roll back", "aria-label": `Roll back ${run.run}` })),
    el("p", { class: "note said", role: "status" }),
    el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": `Versions of ${run.run}` },
      el("table", {}, el("thead", {}, el("tr", {}, ...head)), el("tbody"))),
    el("div", { class: "compare", hidden: true }));
}

function updateRun(node, run) {
  node.run = run;
  const inUse = run.versions.find((v) => v.version === run.inUse);
  write(node.querySelector(".note"), inUse ? `${name(inUse)} is in use${run.reason ? `: ${run.reason}` : ""}` : "Nothing is decided yet.");
  const decided = `${run.inUse} ${run.reason}`;
  if (node.decided !== decided) write(node.querySelector(".said"), ""); // what was asked for has its answer
  node.decided = decided;
  const back = node.querySelector(".head button");
  back.disabled = run.inUse < 1;
  back.onclick = () => rollback(run, node);
  const newest = [...run.versions].filter((v) => v.status !== "checkpoint").sort((a, b) => b.version - a.version);
  children(node.querySelector("tbody"), newest, (v) => v.version, newRow, (row, v) => updateRow(row, v, run, node));
}

const name = (v) => (v.version === 0 ? "The base model" : `Version ${v.version}`);

function newRow() {
  const number = () => el("td", { class: "number" });
  return el("tr", {}, el("th", { scope: "row" }), el("td", {}, el("span", { class: "badge" })),
    number(), number(), number(), number(), number(), number(), el("td", {}, el("div", { class: "actions" })));
}

function updateRow(row, v, run, node) {
  write(row.querySelector("th"), v.version === 0 ? "base" : `v${v.version}`);
  row.title = v.createdAt ? `${clock(v.createdAt)}. ${v.reason}` : "";
  const badge = row.querySelector(".badge");
  const used = v.version === run.inUse;
  badge.className = `badge ${used ? "good" : KIND[v.status] ?? ""}`;
  write(badge, used ? "in use" : v.status === "promoted" ? "was in use" : v.status);
  const e = v.evaluation;
  const base = run.versions.find((b) => b.version === 0)?.evaluation;
  const mi = !e ? "–" : `${number(e.mi)} ± ${number(e.standardError, 2)}`;
  const change = !e || !base || v.version === 0 ? "–" : `${e.mi >= base.mi ? "+" : "−"}${number(Math.abs(e.mi - base.mi), 2)}`;
  const cells = [v.round ?? "–", v.step ?? "–", v.samples ?? "–", number(v.loss ?? null), mi, change];
  row.querySelectorAll("td.number").forEach((cell, i) => write(cell, typeof cells[i] === "number" ? count(cells[i]) : cells[i]));
  actions(row.querySelector(".actions"), v, run, node, used);
}

function actions(box, v, run, node, used) {
  const wanted = [];
  const hasBefore = run.versions.some((b) => b.version < v.version && b.evaluation?.sheet);
  if (v.version > 0 && v.evaluation?.sheet && hasBefore) wanted.push(["Compare", () => compare(node, v)]);
  if (v.version > 0 && !used) wanted.push(["Promote", () => promote(run, v, node)]);
  const held = box.contains(document.activeElement);
  children(box, wanted, ([text]) => text,
    ([text]) => el("button", { type: "button", class: "quiet", text, "aria-label": `${text} version ${v.version} of ${run.run}` }),
    (button, [, action]) => {
      button.onclick = action;
    });
  if (held && !box.contains(document.activeElement)) node.querySelector(".scroll").focus({ preventScroll: true });
}

/** Before and after: two sheets of the same prompts and seeds, one over the other. */
function compare(node, v) {
  const before = node.run.versions.find((b) => b.version === 0 && b.evaluation?.sheet)
    ?? node.run.versions.filter((b) => b.version < v.version && b.evaluation?.sheet).pop();
  const box = node.querySelector(".compare");
  const sheet = (side, version) => el("img", { class: side, src: pictureUrl(version.evaluation.sheet), alt: `Validation pictures of ${name(version).toLowerCase()}, a row for each prompt` });
  const sheets = el("div", { class: "sheets", vars: { "--at": 0.5 } }, sheet("before", before), sheet("after", v), el("div", { class: "edge" }));
  const slider = el("input", { type: "range", min: "0", max: "100", value: "50", "aria-label": "How much of the pictures before is shown" });
  slider.addEventListener("input", () => sheets.style.setProperty("--at", slider.value / 100));
  box.replaceChildren(
    el("label", {}, el("span", { text: `${name(before)} left, version ${v.version} right; the same prompts and seeds` }), slider),
    el("div", { class: "stage", tabindex: "0", role: "region", "aria-label": "Pictures before and after" }, sheets));
  box.hidden = false;
  box.scrollIntoView({ block: "nearest" });
  slider.focus();
}

function promote(run, v, node) {
  confirm(`Use version ${v.version} of ${run.run}?`, `New candidates are drawn with it, whatever its evaluation says (${v.status}).`, "Promote",
    () => wish(node, "promote", v.version));
}

function rollback(run, node) {
  confirm(`Roll back ${run.run}?`, `Version ${run.inUse} goes out of use, and the one before it comes back.`, "Roll back",
    () => wish(node, "rollback", -1));
}

function confirm(title, text, verb, action) {
  const dialog = byId("confirm");
  write(byId("confirm-title"), title);
  write(byId("confirm-text"), text);
  write(byId("confirm-yes"), verb);
  dialog.returnValue = "no";
  dialog.onclose = () => {
    if (dialog.returnValue === "yes") action();
  };
  dialog.showModal();
}

async function wish(node, what, version) {
  const said = node.querySelector(".said");
  const before = node.decided;
  try {
    await ask(`/api/adapters/${encodeURIComponent(node.run.run)}/${what}`, { method: "POST", body: JSON.stringify({ version }) });
    if (node.decided === before) write(said, "Asked for; the promotion role decides.");
  } catch (error) {
    write(said, `Not done: ${error.message}`);
  }
}
