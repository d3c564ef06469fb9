// The curves of a run's training.
import { byId, children, el, write } from "./dom.js";
import { count, number } from "./format.js";
import { lineChart } from "./chart.js";
import { data } from "./live.js";

const CURVES = [
  ["loss", "Loss"],
  ["gradientNorm", "Gradient norm"],
  ["learningRate", "Learning rate"],
  ["staleness", "Staleness"],
  ["samplesPerSecond", "Samples / s"],
];

let chosen = "";

export function drawTraining({ training }) {
  byId("training-empty").hidden = training.length > 0;
  byId("curves").hidden = training.length === 0;
  byId("training-pick").hidden = training.length < 2;
  if (training.length === 0) return;
  const select = byId("training-run");
  if (!select.onchange) {
    select.onchange = () => {
      chosen = select.value;
      drawTraining(data);
    };
  }
  const runs = training.map((t) => t.run).sort();
  children(select, runs, (run) => run, (run) => el("option", { value: run, text: run }), () => {});
  const run = training.find((t) => t.run === chosen) ?? training[0];
  select.value = run.run;
  children(byId("curves"), CURVES, ([key]) => key, ([, title]) => panel(title), (node, [key, title]) => update(node, run, key, title));
}

const panel = (title) =>
  el("figure", { class: "panel" }, el("figcaption", {}, el("span", { text: title }), el("strong")), el("div"));

function update(node, run, key, title) {
  const y = run[key];
  const last = y[y.length - 1];
  write(node.querySelector("strong"), number(last));
  const label = `${title} of run ${run.run} over ${count(run.steps)} steps, from ${number(y[0])} to ${number(last)}`;
  node.querySelector("div").replaceChildren(
    lineChart({ x: run.step, lines: [{ y }], label, xName: (s) => `step ${count(s)}` }));
}
