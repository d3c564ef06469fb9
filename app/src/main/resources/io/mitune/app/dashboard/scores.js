// How MI is distributed over all candidates and over those that were kept.
import { byId, el, svg } from "./dom.js";
import { count, nats } from "./format.js";
import { ticks } from "./chart.js";

const UP = 190; // room for all candidates, above the axis
const DOWN = 84; // for the kept ones, below it
const HEIGHT = UP + DOWN + 22;

export function drawScores({ scores }) {
  const { all, kept } = scores;
  const figure = byId("histogram");
  if (all.total === 0) {
    figure.replaceChildren(el("p", { class: "note", text: "No candidate has a score yet." }));
    return;
  }
  const label =
    `MI of ${count(all.total)} candidates: mean ${nats(all.mean)} nats, from ${nats(all.start)} to ` +
    `${nats(all.start + all.counts.length * all.width)}` +
    (kept.total ? `; of ${count(kept.total)} kept ones: mean ${nats(kept.mean)} nats` : "");
  const key = (name, text) => el("span", {}, el("i", { class: `key ${name}` }), text);
  figure.replaceChildren(
    el("p", { class: "legend" },
      key("", `${count(all.total)} drawn, mean ${nats(all.mean)}`),
      kept.total ? key("kept", `${count(kept.total)} kept, mean ${nats(kept.mean)}`) : null),
    chart(all, kept, label, Math.max(300, Math.min(1000, figure.clientWidth - 42)))); // so that text keeps its size
}

/** All candidates upwards, kept ones downwards; each fills its room, since far fewer are kept. */
function chart(all, kept, label, width) {
  const bins = all.counts.length;
  const step = width / bins;
  const node = svg("svg", { viewBox: `0 0 ${width} ${HEIGHT}`, role: "img", "aria-label": label });
  const bar = (i, y, height, attributes) =>
    node.append(svg("rect", { x: i * step + 1, y, width: Math.max(1, step - 2), height, rx: 2, ...attributes }));
  const most = Math.max(...all.counts);
  all.counts.forEach((n, i) => {
    const height = (n / most) * (UP - 4);
    const shade = `color-mix(in oklab, var(--mi-high) ${Math.round((100 * i) / bins)}%, var(--mi-low))`;
    bar(i, UP - height, height, { vars: { fill: shade } });
  });
  const below = joined(kept, all);
  const top = Math.max(1, ...below);
  below.forEach((n, i) => bar(i, UP + 2, (n / top) * (DOWN - 8), { class: "bin-kept" }));
  node.append(svg("line", { class: "axis", x1: 0, x2: width, y1: UP + 1, y2: UP + 1 }));
  const px = (v) => ((v - all.start) / (bins * all.width)) * width;
  for (const t of ticks(all.start, all.start + bins * all.width, width / 90)) {
    const anchor = px(t) < 20 ? "start" : px(t) > width - 20 ? "end" : "middle";
    node.append(svg("text", { x: px(t), y: HEIGHT - 4, "text-anchor": anchor, text: String(Number(t.toPrecision(6))) }));
  }
  return node;
}

/** The counts of one histogram in the bins of a coarser one: bins begin at multiples of their width. */
function joined(fine, coarse) {
  const counts = new Array(coarse.counts.length).fill(0);
  fine.counts.forEach((n, i) => {
    const at = Math.floor((fine.start + (i + 0.5) * fine.width - coarse.start) / coarse.width);
    if (at >= 0 && at < counts.length) counts[at] += n;
  });
  return counts;
}
