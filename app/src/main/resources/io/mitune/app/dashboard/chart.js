// Charts as inline SVG; what they show is also in their label.
import { svg } from "./dom.js";
import { number } from "./format.js";

const WIDTH = 300;
const HEIGHT = 110;
const PAD = { left: 40, right: 6, top: 6, bottom: 20 };

/** Round steps between two values. */
export function ticks(low, high, wanted) {
  const span = high - low || Math.abs(high) || 1;
  const rough = span / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= rough);
  const list = [];
  for (let t = Math.ceil(low / step) * step; t <= high + step * 1e-9; t += step) list.push(Math.abs(t) < step * 1e-9 ? 0 : t);
  return list;
}

/**
 * Lines over one axis.
 *
 * `lines` is a list of { y, class }, all over the same `x`; a value that is null is a gap.
 */
export function lineChart({ x, lines, label, zero = false, width = WIDTH, height = HEIGHT, xName = (v) => number(v) }) {
  const values = lines.flatMap((line) => line.y).filter((v) => v !== null);
  let low = Math.min(...values, ...(zero ? [0] : []));
  let high = Math.max(...values, ...(zero ? [0] : []));
  if (low === high && low === 0) high = 1;
  else if (low === high) [low, high] = [low - (Math.abs(low) * 0.1 || 1), high + (Math.abs(high) * 0.1 || 1)];
  const [first, last] = [x[0], x[x.length - 1]];
  const px = (v) => PAD.left + ((v - first) / (last - first || 1)) * (width - PAD.left - PAD.right);
  const py = (v) => PAD.top + ((high - v) / (high - low)) * (height - PAD.top - PAD.bottom);
  const node = svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label });
  for (const t of ticks(low, high, 3)) {
    node.append(svg("line", { class: t === 0 && zero ? "zero" : "axis", x1: PAD.left, x2: width - PAD.right, y1: py(t), y2: py(t) }));
    node.append(svg("text", { x: PAD.left - 6, y: py(t) + 4, "text-anchor": "end", text: tickText(t, high - low) }));
  }
  node.append(svg("text", { x: PAD.left, y: height - 4, text: xName(first) }));
  node.append(svg("text", { x: width - PAD.right, y: height - 4, "text-anchor": "end", text: xName(last) }));
  for (const line of lines) node.append(svg("path", { class: `curve ${line.class ?? ""}`, d: path(x, line.y, px, py) }));
  return node;
}

/** As many digits as tell two ticks apart. */
function tickText(t, span) {
  if (t === 0) return "0";
  if (Math.abs(t) < 1e-3 || Math.abs(t) >= 1000) return number(t, 2);
  return t.toFixed(Math.max(0, Math.ceil(1 - Math.log10(span))));
}

function path(x, y, px, py) {
  let d = "";
  let pen = "M";
  for (let i = 0; i < x.length; i++) {
    if (y[i] === null) {
      pen = "M";
      continue;
    }
    d += `${pen}${px(x[i]).toFixed(1)} ${py(y[i]).toFixed(1)}`;
    pen = "L";
  }
  return d;
}
