// Where runs stand, and what they may still spend.
import { byId, children, el, write } from "./dom.js";
import { adapterName, clock, count, duration } from "./format.js";

const KIND = { running: "good", paused: "warn", spent: "bad" };

export function drawRuns({ runs }) {
  byId("runs-empty").hidden = runs.length > 0;
  children(
    byId("run-cards"),
    runs,
    (run) => run.run,
    (run) => el("article", { class: "card" }, el("h3", {}, run.run, " ", el("span", { class: "badge" })), el("dl", { class: "facts" })),
    (node, run) => {
      const badge = node.querySelector(".badge");
      badge.className = `badge ${KIND[run.state] ?? ""}`;
      write(badge, run.state);
      const facts = list(run).flatMap(([name, value]) => [el("dt", { text: name }), el("dd", {}, value)]);
      node.querySelector("dl").replaceChildren(...facts);
    },
  );
}

function spent(run) {
  return duration(run.seconds) + (run.trainingSeconds > 0 ? ` (training ${duration(run.trainingSeconds)})` : "");
}

function list(run) {
  const left = (text, rest) => (rest === null || rest === undefined ? text : `${text}, ${rest} left`);
  const facts = [
    ["Round", `${run.round}, ${run.decidedRound > 0 ? `decided up to ${run.decidedRound}` : "none decided yet"}${run.rounds > 1 ? `, ends with ${run.rounds}` : ""}`],
    ["In use", adapterName(run.adapter)],
    ["Device time", left(spent(run), run.secondsLeft === null ? null : duration(run.secondsLeft))],
    ["Candidates", left(count(run.samples), run.samplesLeft === null ? null : count(run.samplesLeft))],
  ];
  if (run.secondsLeft === null && run.samplesLeft === null && !run.endsAt) {
    facts.push(["Budget", el("span", {}, "none; ", el("code", { text: `./mitune run set ${run.run} --budget-gpu-hours 100` }), " sets one")]);
  }
  if (run.eta !== null) facts.push(["Budget lasts", duration(run.eta)]);
  if (run.endsAt) facts.push(["Ends", clock(run.endsAt)]);
  if (run.staleness || run.staleSamples) {
    facts.push(["Staleness", `${count(run.staleness)} versions${run.staleSamples ? `, ${count(run.staleSamples)} samples left out` : ""}`]);
  }
  if (run.waits) facts.push(["Waits", run.waits]);
  if (run.reason) facts.push(["Why", run.reason]);
  if (run.decision) facts.push(["Last decision", run.decision]);
  return facts;
}
