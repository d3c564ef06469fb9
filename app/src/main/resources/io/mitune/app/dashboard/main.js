// The page: each section draws itself when its data changed, at most once a frame.
import { byId, say, write } from "./dom.js";
import { data, follow } from "./live.js";
import { drawAdapters } from "./adapters.js";
import { drawBatches } from "./batches.js";
import { openFromAddress } from "./detail.js";
import { drawGallery } from "./gallery.js";
import { picturesAgain } from "./mi.js";
import { drawFigures, drawLetters, drawPipeline } from "./pipeline.js";
import { drawPrompts } from "./prompts.js";
import { publishing } from "./publish.js";
import { drawRuns } from "./runs.js";
import { drawScores } from "./scores.js";
import { drawTraining } from "./training.js";
import { drawWorkers } from "./workers.js";

const SECTIONS = [
  [["pipeline", "runs"], drawPipeline],
  [["pipeline", "prompts", "workers", "gallery", "deadLetters"], drawFigures],
  [["deadLetters"], drawLetters],
  [["scores"], drawScores], // before the pictures, whose colours depend on it
  [["batches"], drawBatches],
  [["prompts", "scores"], drawPrompts],
  [["gallery", "scores"], drawGallery],
  [["training"], drawTraining],
  [["adapters"], drawAdapters],
  [["workers"], drawWorkers],
  [["runs"], drawRuns],
  [["pipeline"], () => connection(connected)],
];

const waiting = new Set();
let scheduled = false;

function changed(names) {
  for (const name of names) waiting.add(name);
  if (!scheduled) {
    scheduled = true;
    requestAnimationFrame(draw);
  }
}

function draw() {
  scheduled = false;
  const names = new Set(waiting);
  waiting.clear();
  for (const [needs, action] of SECTIONS) {
    if (needs.some((name) => names.has(name)) && needs.every((name) => data[name])) action(data);
  }
  document.documentElement.dataset.drawn = String(1 + Number(document.documentElement.dataset.drawn ?? 0));
}

const WORDS = { connecting: "connecting", live: "live", lost: "connection lost, trying again", ended: "reading ended" };

let connected = "connecting";

/** Shows how the connection is; one to a server that reads no more brings nothing new. */
function connection(word) {
  connected = word;
  const state = word === "live" && data.pipeline?.loading.failure ? "ended" : word;
  const live = byId("live");
  if (live.dataset.state !== state) {
    if (state === "live" && live.dataset.state === "lost") picturesAgain();
    live.dataset.state = state;
    write(live, WORDS[state]);
  }
}

function theme() {
  const root = document.documentElement;
  const button = byId("theme");
  const system = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : system.matches);
  const show = () => write(button.firstElementChild, isDark() ? "Light" : "Dark"); // what a click brings
  button.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    try {
      localStorage.setItem("theme", root.dataset.theme);
    } catch {
      say("This browser does not keep the choice.");
    }
    show();
  });
  system.addEventListener("change", show);
  show();
}

theme();
publishing();
follow(changed, connection);
openFromAddress();
