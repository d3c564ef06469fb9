// What was curated, to be filtered, ordered and paged.
import { byId, children, el, write } from "./dom.js";
import { adapterName, count, nats } from "./format.js";
import { ask, data } from "./live.js";
import { openPrompt } from "./detail.js";
import { chip, paint, picture } from "./mi.js";
import { pager } from "./pager.js";

const QUIET_MILLIS = 1500; // between two looks for new samples
const FACETS = ["category", "policy", "adapter"];

let shown = null;
let page = 0;
let asked = 0;
let timer = 0;
let looks = 0;
let unanswered = 0;

export function drawGallery({ gallery }) {
  if (shown === null) {
    shown = { ...gallery }; // what the server says goes on counting
    listen();
  }
  takeIn();
  draw(gallery);
}

/** Looks for what was kept since, one look at a time. */
function takeIn() {
  if (data.gallery.added !== shown.added && page === 0 && unanswered === 0) later(Math.max(0, asked + QUIET_MILLIS - Date.now()));
}

function listen() {
  const form = byId("filters");
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", () => {
    page = 0;
    instead(150);
  });
}

function later(millis) {
  if (timer === 0) timer = setTimeout(look, millis);
}

function instead(millis) {
  clearTimeout(timer);
  timer = 0;
  later(millis);
}

async function look() {
  timer = 0;
  unanswered++;
  const own = ++looks; // an answer that was overtaken is not shown
  asked = Date.now();
  const query = new URLSearchParams(new FormData(byId("filters")));
  query.set("page", page);
  try {
    const answer = await ask(`/api/dashboard/gallery?${query}`);
    if (own === looks) {
      shown = answer;
      draw(shown);
    }
  } catch (error) {
    if (own === looks) write(byId("gallery-note"), `Not looked up: ${error.message}`);
    return; // the next update tries again
  } finally {
    unanswered--;
  }
  takeIn();
}

function draw({ added }) {
  byId("gallery-empty").hidden = added > 0;
  byId("filters").hidden = added === 0;
  const some = shown.found === shown.total ? "" : ` of ${count(shown.total)}`;
  write(byId("gallery-note"), added === 0 ? "" : `${count(shown.found)}${some} sample${shown.found === 1 ? "" : "s"} kept.`);
  for (const name of FACETS) options(byId("filters").elements[name], shown.facets[name]);
  children(byId("grid"), shown.items, (i) => `${i.run}/${i.promptId}/${i.round}/${i.rank}`, newTile, updateTile);
  pager(byId("gallery-pager"), "Gallery", page, shown.pages, (wanted) => {
    page = wanted;
    instead(0);
    byId("gallery").scrollIntoView();
  });
}

function options(select, counts) {
  const wanted = [["", "any"], ...Object.entries(counts).map(([value, n]) => [value, `${value || "none"} (${count(n)})`])];
  children(select, wanted, ([value]) => value, ([value]) => el("option", { value }), (node, [, text]) => write(node, text));
}

function newTile(item) {
  const alt = `${item.text}, MI ${nats(item.mi)}`;
  const open = () => openPrompt(item.run, item.promptId, item.round, item.index);
  return el("li", {},
    el("button", { type: "button", class: "tile", on: { click: open } },
      el("div", { class: "picture" }, picture(item.image, alt, 384)),
      el("p", { class: "text", text: item.text }),
      el("p", { class: "meta" }, chip(item.mi), el("span", { text: item.adapter > 0 ? adapterName(item.adapter) : item.category }))));
}

function updateTile(node, item) {
  paint(node.querySelector(".mi"), item.mi);
}
