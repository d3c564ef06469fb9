// How MI is distributed over all candidates and over those that were kept.
import { byId, el, svg } from "./dom.js";
import { count, nats } from "./format.js";
import { ticks } from "./chart.js";

const WIDTH = 1000;
const HEIGHT = 240;
const FLOOR = HEIGHT - 24;

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
    chart(all, kept, label));
}

/** Each distribution fills the height, since far fewer are kept than drawn. */
function chart(all, kept, label) {
  const low = Math.min(all.start, kept.total ? kept.start : Infinity);
  const high = Math.max(end(all), kept.total ? end(kept) : -Infinity);
  const px = (v) => ((v - low) / (high - low)) * WIDTH;
  const node = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": label });
  for (const t of ticks(low, high, 8)) node.append(svg("text", { x: px(t), y: HEIGHT - 4, "text-anchor": "middle", text: String(Number(t.toPrecision(6))) }));
  node.append(svg("line", { class: "axis", x1: 0, x2: WIDTH, y1: FLOOR, y2: FLOOR }));
  const most = Math.max(...all.counts);
  all.counts.forEach((n, i) => {
    const x = px(all.start + i * all.width);
    const height = (n / most) * (FLOOR - 8);
    const shade = `color-mix(in oklab, var(--mi-high) ${Math.round((100 * i) / all.counts.length)}%, var(--mi-low))`;
    const bar = svg("rect", { x: x + 1, y: FLOOR - height, width: Math.max(1, px(all.start + all.width) - px(all.start) - 2), height, rx: 2, vars: { fill: shade } });
    node.append(bar);
  });
  if (kept.total) {
    const top = Math.max(...kept.counts);
    const points = kept.counts.map((n, i) => `${px(kept.start + (i + 0.5) * kept.width).toFixed(1)} ${(FLOOR - (n / top) * (FLOOR - 8)).toFixed(1)}`);
    node.append(svg("path", { class: "curve kept-line", d: `M${px(kept.start).toFixed(1)} ${FLOOR}L${points.join("L")}L${px(end(kept)).toFixed(1)} ${FLOOR}` }));
  }
  return node;
}

const end = (h) => h.start + h.counts.length * h.width;
