// The topics as a flow, with what each role has still to do.
import { byId, children, el, write } from "./dom.js";
import { clock, count, duration, number, rate } from "./format.js";

const FLOW = ["prompts", "planner", "generation-tasks", "workers", "candidates", "curator", "curated", "trainer", "adapter-history"];
const BACK = ["adapter-history", "trainer", "evaluation-tasks", "workers", "evaluations", "promotion", "adapters"];

export function drawPipeline({ pipeline, runs }) {
  const topics = new Map(pipeline.topics.map((topic) => [topic.name, topic]));
  // the trainer of a run that is done reads no more: what came since for other runs is not its work
  const ended = new Set(runs.filter((run) => run.state === "done").map((run) => `trainer-${run.run}`));
  const groups = pipeline.groups.filter((g) => !ended.has(g.group));
  drawFlow(byId("flow"), FLOW, topics, groups);
  drawFlow(byId("flow-back"), BACK.slice(2), topics, groups);
  const shown = new Set([...FLOW, ...BACK]);
  const rest = pipeline.topics.filter((t) => !shown.has(t.name) && t.records > 0);
  write(byId("flow-rest"), rest.length ? `Also: ${rest.map((t) => `${t.name} ${count(t.records)}`).join(", ")}.` : "");
  drawLoading(pipeline.loading);
}

function drawLoading({ done, all, failure }) {
  const note = byId("loading");
  note.hidden = done >= all && !failure;
  note.dataset.bad = String(failure !== "");
  if (failure) write(note, `Reading the log ended: ${failure}. Nothing on this page changes any more; stop the program that serves it, and start it again.`);
  else if (!note.hidden) write(note, `Reading the log: ${Math.floor((100 * done) / all)} % of ${count(all)} records.`);
}

/** Names at even places are topics, those between them roles. */
function drawFlow(list, names, topics, groups) {
  const items = names.map((name, i) => ({ name, i, isTopic: i % 2 === 0, before: names[i - 1] }));
  children(
    list,
    items,
    (item) => item.i + item.name,
    (item) => (item.isTopic ? newTopic(item.name) : newRole(item.name)),
    (node, item) => {
      if (item.isTopic) updateTopic(node, topics.get(item.name));
      else updateRole(node, topics.get(item.before), groups.filter((g) => g.group.startsWith(item.name)));
    },
  );
}

const newTopic = (name) =>
  el("li", { class: "topic" }, el("p", { class: "name", text: name }), el("p", { class: "records" }), el("p", { class: "rate" }));

function updateTopic(node, topic = { records: 0, perSecond: 0, unreadable: 0 }) {
  node.dataset.busy = String(topic.perSecond > 0);
  write(node.querySelector(".records"), count(topic.records));
  const bad = topic.unreadable ? `, ${count(topic.unreadable)} unreadable` : "";
  write(node.querySelector(".rate"), rate(topic.perSecond) + bad);
}

const newRole = (name) =>
  el("li", { class: "role" }, el("span", { class: "who", text: name }), el("span", { class: "lag" }));

/** A log also counts the ends of transactions: nobody is further behind than there are records. */
function updateRole(node, topic, all) {
  const groups = all.filter((group) => group.topic === topic?.name);
  const lag = Math.min(topic?.records ?? 0, groups.reduce((sum, group) => sum + group.lag, 0));
  node.dataset.behind = String(lag > 0);
  write(node.querySelector(".lag"), groups.length === 0 ? "not seen" : lag > 0 ? `${count(lag)} behind` : "up to date");
}

export function drawFigures({ pipeline, prompts, workers, gallery, deadLetters }) {
  const records = (name) => pipeline.topics.find((t) => t.name === name)?.records ?? 0;
  const figures = [
    ["Candidates", count(records("candidates")), ""],
    ["Drawn now", workers.perSecond > 0 ? number(workers.perSecond, 2) : "0", "/ s"],
    ["Prompts open", count(prompts.open), prompts.open ? `${count(prompts.remaining)} to draw` : ""],
    ["Done in", prompts.remaining === 0 ? "–" : duration(workers.eta), ""],
    ["Kept", count(gallery.added), ""],
    ["Dead letters", count(deadLetters.count), ""],
  ];
  children(
    byId("figures"),
    figures,
    ([name]) => name,
    ([name]) => el("div", {}, el("dt", { text: name }), el("dd", {}, el("span"), " ", el("small"))),
    (node, [, value, unit]) => {
      write(node.querySelector("span"), value);
      write(node.querySelector("small"), unit);
    },
  );
}

export function drawLetters({ deadLetters }) {
  const some = deadLetters.count > 0;
  const box = byId("letters");
  box.dataset.some = String(some);
  write(byId("letters-count"), some ? `${count(deadLetters.count)} dead letter${deadLetters.count > 1 ? "s" : ""}: records that no role could process` : "No dead letters");
  byId("letters-none").hidden = some;
  box.querySelector(".scroll").hidden = !some;
  const rows = deadLetters.latest.map((letter) =>
    el("tr", {},
      el("td", { text: clock(letter.time) }),
      el("td", { class: "mono", text: `${letter.topic} ${letter.place}` }),
      el("td", { text: letter.role || "topology" }),
      el("td", { class: "wide", text: letter.reason })));
  byId("letters-rows").replaceChildren(...rows);
}
