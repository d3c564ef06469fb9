// The form that publishes prompts by the same API as programs.
import { followBatch } from "./batches.js";
import { byId, write } from "./dom.js";
import { reach } from "./live.js";

const NUMBERS = ["candidates", "keep", "priority"];
const SAMPLING = ["numInferenceSteps", "guidanceScale"];

/** Makes the form work. */
export function publishing() {
  const form = byId("publish-form");
  newKey(form);
  form.addEventListener("input", () => newKey(form));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button");
    button.disabled = true;
    unmark(form);
    try {
      await publish(form);
    } catch (error) {
      tell(`Not published: ${error.message}`, true);
    } finally {
      button.disabled = false;
    }
  });
}

async function publish(form) {
  const answer = await reach("/api/prompts", {
    method: "POST",
    headers: { "Content-Type": "application/json", "Idempotency-Key": form.dataset.key },
    body: JSON.stringify(publication(form)),
  });
  const said = await answer.json().catch(() => ({}));
  if (!answer.ok) {
    const problems = said.errors ?? [said];
    problems.forEach((problem) => mark(form, problem.field ?? ""));
    form.querySelector("[aria-invalid]")?.focus();
    throw new Error(problems.map((p) => p.error ?? `the server answered ${answer.status}`).join("; "));
  }
  followBatch(said);
  const added = Number(answer.headers.get("Prompts-Added") ?? said.promptIds.length);
  tell(added > 0 ? `${added} published as round ${said.round} of ${said.run}.` : "These were published before; nothing was added.", false);
  form.elements.prompts.value = "";
  newKey(form);
}

function publication(form) {
  const of = (name) => form.elements[name].value.trim();
  const category = of("category");
  const numbers = (names) => Object.fromEntries(names.filter((n) => of(n) !== "").map((n) => [n, Number(of(n))]));
  const lines = of("prompts").split("\n").map((line) => line.trim()).filter((line) => line !== "");
  return {
    prompts: lines.map((text) => ({ text, category })),
    run: of("run"),
    ...numbers(NUMBERS),
    sampling: numbers(SAMPLING),
  };
}

/** What is sent again unchanged, by an impatient finger or after a lost answer, is one publication. */
function newKey(form) {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  form.dataset.key = `page-${[...bytes].map((b) => b.toString(16).padStart(2, "0")).join("")}`;
}

/** A problem names its field as a JSON pointer: /prompts/0/text, /sampling/guidanceScale. */
function mark(form, pointer) {
  const parts = pointer.split("/");
  const name = parts[1] === "sampling" ? parts[2] : parts.includes("category") ? "category" : parts[1];
  const field = form.elements[name];
  if (field) field.setAttribute("aria-invalid", "true");
}

function unmark(form) {
  form.querySelectorAll("[aria-invalid]").forEach((field) => field.removeAttribute("aria-invalid"));
}

function tell(text, bad) {
  const said = byId("publish-said");
  said.dataset.bad = String(bad);
  write(said, text);
}
