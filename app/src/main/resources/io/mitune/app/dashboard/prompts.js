// The prompts at work: a card each, with the best candidates first.
import { byId, children, el, write } from "./dom.js";
import { adapterName, count, nats } from "./format.js";
import { ask } from "./live.js";
import { openPrompt } from "./detail.js";
import { paint, picture } from "./mi.js";
import { pager } from "./pager.js";

let page = 0;
let older = null; // a page of the past stands still
let asking = false;

export function drawPrompts({ prompts, pipeline }) {
  if (prompts.stale && !asking) refresh(prompts);
  const shown = older ?? prompts;
  byId("prompts-empty").hidden = prompts.known > 0;
  byId("prompts-key").hidden = prompts.known === 0;
  write(byId("prompts-note"), prompts.known === 0 ? "" : note(prompts));
  children(byId("cards"), shown.cards, (card) => card.id, newCard, updateCard);
  const pages = Math.ceil(prompts.known / 24);
  pager(byId("prompts-pager"), "Prompts", page, pages, async (wanted) => {
    try {
      older = wanted === 0 ? null : await ask(`/api/dashboard/prompts?page=${wanted}`);
      page = wanted;
      drawPrompts({ prompts, pipeline });
    } catch (error) {
      write(byId("prompts-note"), `Not turned: ${error.message}`);
    }
  });
}

const note = (p) =>
  p.open === 0
    ? `All ${count(p.known)} prompts are done.`
    : `${count(p.open)} of ${count(p.known)} still open${p.started ? `, ${count(p.started)} of them begun` : ""}.`;

/** Cards that an update counted on and that this page does not have. */
async function refresh(prompts) {
  asking = true;
  try {
    const fresh = await ask("/api/dashboard/prompts?page=0");
    Object.assign(prompts, fresh, { stale: false });
  } catch {
    // the next update asks again
  } finally {
    asking = false;
  }
}

function newCard(card) {
  return el("article", { class: "card" },
    el("h3", {}, el("span", { text: card.text })),
    el("p", { class: "meta" }, el("span"), el("span"), el("span"), el("span")),
    el("div", { class: "progress", role: "progressbar", "aria-valuemin": "0" }, el("div")),
    el("div", { class: "thumbs" }));
}

function updateCard(node, card) {
  if (node.shown === card) return repaint(node, card);
  node.shown = card;
  write(node.querySelector("h3 span"), card.text);
  const failed = card.failed ? `, ${card.failed} failed` : "";
  const facts = [
    `${card.seen} of ${card.wanted}${failed}`,
    card.category,
    `${card.run}, round ${card.round}`,
    card.seen ? adapterName(card.adapter) : "waits for a worker",
  ];
  node.querySelectorAll(".meta span").forEach((span, i) => write(span, facts[i]));
  const progress = node.querySelector(".progress");
  progress.style.setProperty("--part", card.wanted ? card.seen / card.wanted : 0);
  progress.setAttribute("aria-valuenow", card.seen);
  progress.setAttribute("aria-valuemax", card.wanted);
  progress.setAttribute("aria-label", `candidates of ${card.text}`);
  children(node.querySelector(".thumbs"), card.candidates, (c) => c.index, (c) => newThumb(card, c), updateThumb);
}

/** The same card under another scale of colours. */
function repaint(node, card) {
  children(node.querySelector(".thumbs"), card.candidates, (c) => c.index, (c) => newThumb(card, c), updateThumb);
}

function newThumb(card, candidate) {
  const alt = `${card.text}, MI ${nats(candidate.mi)}`;
  const open = () => openPrompt(card.run, card.promptId, card.round, candidate.index);
  return el("button", { type: "button", class: "thumb new", "aria-label": `Candidate ${candidate.index}: ${alt}`, on: { click: open } },
    el("div", { class: "picture" }, picture(candidate.image, alt, 192)), el("span", { class: "mi" }));
}

function updateThumb(node, candidate) {
  node.classList.toggle("kept", candidate.kept);
  node.title = candidate.kept ? "kept" : "";
  paint(node.querySelector(".mi"), candidate.mi);
}
