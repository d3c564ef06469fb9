// One scale for all that shows MI: colour from the least to the greatest score seen.
import { el } from "./dom.js";
import { nats } from "./format.js";
import { data } from "./live.js";

/** 0 for the lowest scores, 1 for the highest. */
export function share(mi) {
  const all = data.scores?.all;
  if (mi === null || !all || all.counts.length === 0) return 0;
  const span = all.counts.length * all.width;
  return Math.min(1, Math.max(0, (mi - all.start) / span));
}

/** A figure with its colour. */
export function chip(mi) {
  return el("span", { class: "mi", text: nats(mi), vars: { "--mi": share(mi) } });
}

/** Brings a chip up to date. */
export function paint(node, mi) {
  const text = nats(mi);
  if (node.textContent !== text) node.textContent = text;
  node.style.setProperty("--mi", share(mi));
}

/** Where the server has a picture, at most so wide. */
export const pictureUrl = (sha256, width) => `/blobs/${sha256}${width ? `?width=${width}` : ""}`;

const again = new WeakMap(); // for words in a picture's place: how to ask for it once more

/** A picture, or words where there is none. */
export function picture(sha256, alt, width) {
  if (!sha256) return el("span", { text: "no picture" });
  const image = el("img", { src: pictureUrl(sha256, width), alt, loading: "lazy", decoding: "async" });
  const lost = () => {
    const words = el("span", { class: "gone", text: "picture is gone" });
    again.set(words, () => words.replaceWith(picture(sha256, alt, width)));
    image.replaceWith(words);
  };
  image.addEventListener("error", lost, { once: true });
  return image;
}

/** Asks for the pictures again that did not come: the server may have been away. */
export function picturesAgain() {
  for (const words of document.querySelectorAll(".gone")) again.get(words)();
}
