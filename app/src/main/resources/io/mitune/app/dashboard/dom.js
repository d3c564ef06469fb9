// Builds and patches the page without ever reading text as markup.

/** The element with this id. */
export const byId = (id) => document.getElementById(id);

/**
 * A new element. Properties: `class`, `data` (an object), `on` (listeners), `vars` (custom CSS
 * properties); `text`; all else are attributes, of which false and null are left out.
 */
export function el(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) set(node, name, value);
  node.append(...children.filter((child) => child !== null));
  return node;
}

function set(node, name, value) {
  if (value === false || value === null || value === undefined) return;
  if (name === "class") node.className = value;
  else if (name === "text") node.textContent = value;
  else if (name === "data") Object.assign(node.dataset, value);
  else if (name === "on") for (const [event, action] of Object.entries(value)) node.addEventListener(event, action);
  else if (name === "vars") for (const [key, v] of Object.entries(value)) node.style.setProperty(key, v);
  else node.setAttribute(name, value === true ? "" : value);
}

const SVG = "http://www.w3.org/2000/svg";

/** A new SVG element. */
export function svg(tag, attributes = {}, ...children) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "text") node.textContent = value;
    else if (name === "vars") for (const [key, v] of Object.entries(value)) node.style.setProperty(key, v);
    else node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

/** Sets a text only where it differs, so that nothing is announced or laid out again. */
export function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/**
 * Makes the children of a node those of the items: one for each key, in order. A child that stays
 * is the same element, so focus, scrolling and loaded pictures stay, too.
 *
 * `make(item)` gives a new child, `update(child, item)` brings it up to date.
 */
export function children(node, items, key, make, update) {
  const old = new Map([...node.children].map((child) => [child.dataset.key, child]));
  let place = node.firstElementChild;
  for (const item of items) {
    const name = String(key(item));
    let child = old.get(name);
    if (child === undefined) {
      child = make(item);
      child.dataset.key = name;
    } else {
      old.delete(name);
    }
    update(child, item);
    if (child === place) place = place.nextElementSibling;
    else node.insertBefore(child, place);
  }
  for (const gone of old.values()) gone.remove();
}

/** Says something to a screen reader. */
export function say(text) {
  write(byId("spoken"), text);
}
