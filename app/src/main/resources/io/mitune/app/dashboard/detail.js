// All candidates of one prompt, with where each comes from.
import { byId, children, el } from "./dom.js";
import { adapterName, clock, count, nats, number } from "./format.js";
import { lineChart } from "./chart.js";
import { ask } from "./live.js";
import { chip, paint, picture } from "./mi.js";

const ADDRESS = /^#prompt\/(?:([^/]+)\/)?([^/]+)\/(\d+)$/;

/** Opens the prompt that the page's address names, now and when it changes. */
export function openFromAddress() {
  const look = () => {
    const found = ADDRESS.exec(location.hash);
    if (found) openPrompt(decodeURIComponent(found[1] ?? ""), decodeURIComponent(found[2]), Number(found[3]), -1);
  };
  addEventListener("hashchange", look);
  look();
}

/** Shows a prompt's candidates; `index` is the one to begin with, -1 for the best. */
export async function openPrompt(run, promptId, round, index) {
  const dialog = byId("detail");
  const wait = head("Reading the log …");
  dialog.replaceChildren(wait);
  dialog.onclose = () => {
    if (ADDRESS.test(location.hash)) history.replaceState(null, "", location.pathname);
  };
  if (!dialog.open) dialog.showModal();
  history.replaceState(null, "", `#prompt/${run ? `${encodeURIComponent(run)}/` : ""}${encodeURIComponent(promptId)}/${round}`);
  try {
    const prompt = await ask(`/api/dashboard/prompts/${encodeURIComponent(promptId)}/${round}?run=${encodeURIComponent(run)}`);
    if (wait.isConnected) show(dialog, prompt, index); // else another one was opened meanwhile
  } catch (error) {
    if (wait.isConnected) dialog.replaceChildren(head(`Not shown: ${error.message}`));
  }
}

function head(title) {
  return el("div", { class: "sheet-head" },
    el("h2", { id: "detail-title", text: title }),
    el("button", { type: "button", class: "quiet", text: "Close", on: { click: () => byId("detail").close() } }));
}

function show(dialog, prompt, index) {
  const ranked = [...prompt.candidates].sort((a, b) => (b.mi ?? -Infinity) - (a.mi ?? -Infinity) || a.index - b.index);
  const kept = new Map(prompt.samples.map((sample) => [sample.index, sample]));
  const large = el("div", { class: "large" });
  const facts = el("dl", { class: "facts" });
  const terms = el("figure", {});
  const strip = el("div", { class: "thumbs", role: "group", "aria-label": "Candidates, best first; arrow keys move" });
  const select = (candidate, focus) => {
    children(strip, ranked, (c) => c.index, (c) => thumb(prompt, c, () => select(c, false)), (node, c) => {
      node.classList.toggle("kept", kept.has(c.index));
      node.setAttribute("aria-pressed", String(c === candidate));
      node.tabIndex = c === candidate ? 0 : -1;
      paint(node.querySelector(".mi"), c.mi);
    });
    if (focus) strip.querySelector("[aria-pressed=true]").focus();
    large.replaceChildren(picture(candidate.image, `${prompt.text}, MI ${nats(candidate.mi)}`, 0));
    facts.replaceChildren(...factsOf(prompt, candidate, kept.get(candidate.index), ranked.indexOf(candidate)));
    terms.replaceChildren(...curve(ranked, candidate, prompt.cut));
  };
  strip.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const at = [...strip.children].findIndex((node) => node.tabIndex === 0);
    select(ranked[(at + step + ranked.length) % ranked.length], true);
  });
  dialog.replaceChildren(
    head(prompt.text),
    el("div", { class: "sheet-body" },
      large,
      el("div", {}, facts),
      el("div", { class: "all" }, el("h3", { text: howMany(prompt) }), strip),
      el("div", { class: "all" }, terms)));
  select(ranked.find((c) => c.index === index) ?? ranked[0], true);
}

function howMany(prompt) {
  const shown = `${count(prompt.candidates.length)} of ${count(prompt.wanted)} candidates, best first`;
  return prompt.truncated ? `${shown}; of so many, only those that came first are shown` : shown;
}

function thumb(prompt, candidate, choose) {
  const alt = `${prompt.text}, MI ${nats(candidate.mi)}`;
  return el("button", { type: "button", class: "thumb", "aria-label": `Candidate ${candidate.index}, MI ${nats(candidate.mi)}`, on: { click: choose } },
    el("div", { class: "picture" }, picture(candidate.image, alt, 192)), el("span", { class: "mi" }));
}

function factsOf(prompt, c, sample, rank) {
  const hash = (hex) => el("span", { class: "mono", text: hex || "–" });
  const rows = [
    ["MI", c.failure ? el("span", { text: c.failure }) : chip(c.mi)],
    ["Rank", `${rank + 1} of ${prompt.candidates.length}`],
    ["Kept", sample ? `${sample.policy}: ${sample.reason}` : prompt.samples.length ? "no" : "not decided"],
    ["Margin", sample ? `${number(sample.margin)} above the next` : null],
    ["Model", adapterName(c.adapter)],
    ["Run", `${prompt.run}, round ${prompt.round}, batch ${prompt.batch}`],
    ["Category", prompt.category || null],
    ["Drawn", `${clock(c.createdAt)} by ${c.worker}, ${number(c.seconds)} s`],
    ["Sampler", `${prompt.scheduler}, ${prompt.inferenceSteps} steps, guidance ${prompt.guidanceScale}`],
    ["Candidate", el("span", { class: "mono", text: `${prompt.promptId}/${prompt.round}/${c.index}` })],
    ["Seed", el("span", { class: "mono", text: c.seed })],
    ["Picture", c.image ? el("a", { class: "mono", href: `/blobs/${c.image}`, target: "_blank", rel: "noopener", text: c.image }) : "–"],
    ["Latents", hash(c.latents)],
    ["Base model", hash(prompt.modelDigest)],
  ];
  return rows.filter(([, value]) => value !== null).flatMap(([key, value]) => [el("dt", { text: key }), el("dd", {}, value)]);
}

/** What each denoising step that counts adds to MI: this candidate's curve over the others'. */
function curve(ranked, chosen, cut) {
  const counted = chosen.timesteps.map((t, i) => i).filter((i) => chosen.timesteps[i] > cut);
  if (chosen.terms.length !== chosen.timesteps.length || counted.length < 2) return [];
  const pick = (c) => counted.map((i) => c.terms[i] ?? null);
  const others = ranked.filter((c) => c !== chosen && c.terms.length === chosen.terms.length).slice(0, 40);
  const lines = [...others.map((c) => ({ y: pick(c), class: "faint" })), { y: pick(chosen) }];
  const note = `From noise on the left to the picture on the right; the other candidates are faint. MI is the mean of these ${counted.length} terms; steps at t ≤ ${cut} do not count.`;
  return [
    el("figcaption", {}, el("h3", { text: "MI over the denoising steps" }), el("p", { class: "note", text: note })),
    lineChart({
      x: counted, lines, zero: true, width: 1000, height: 200,
      label: `MI terms of candidate ${chosen.index} over ${counted.length} steps, mean ${nats(chosen.mi)}`,
      xName: (i) => `t = ${chosen.timesteps[i]}`,
    }),
  ];
}
