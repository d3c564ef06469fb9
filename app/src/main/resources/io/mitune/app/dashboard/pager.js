// Pages of a long list.
import { el, write } from "./dom.js";

/** Draws the buttons; `go(page)` shows another page. Nothing where one page is all. */
export function pager(node, what, page, pages, go) {
  if (pages <= 1 && page === 0) {
    node.replaceChildren();
    return;
  }
  if (node.childElementCount === 0) {
    const button = (text, step) =>
      el("button", { type: "button", class: "quiet", text, "aria-label": `${what}: ${text}`, on: { click: () => node.go(step) } });
    node.append(button("Newer", -1), el("span"), button("Older", 1));
  }
  node.go = (step) => go(page + step);
  const [newer, older] = node.querySelectorAll("button");
  newer.disabled = page === 0;
  older.disabled = page + 1 >= pages;
  write(node.querySelector("span"), `Page ${page + 1} of ${pages}`);
}
