// Elements are made here and nowhere else, and what others wrote enters them as text only.

const SVG = "http://www.w3.org/2000/svg";

/** An element of HTML. `on` has its listeners; false, null and undefined leave an attribute out. */
export function h(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/** An element of SVG. */
export function s(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    if (name === "on") {
      for (const [event, listener] of Object.entries(value))
        element.addEventListener(event, listener);
    } else if (name === "css") {
      // The content security policy forbids style attributes, not single properties.
      for (const [property, text] of Object.entries(value))
        element.style.setProperty(property, text);
    } else {
      element.setAttribute(name, value === true ? "" : String(value));
    }
  }
  element.append(...children.flat(Infinity).filter(
    (child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** Puts other children in, only when they differ as text, so that a reader's selection stays. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

export function announce(text) {
  const announcer = document.getElementById("announcer");
  if (announcer) setText(announcer, text);
}

let pending = new Map();
let frame = 0;

/**
 * Does something in the next animation frame, and once for each key, however often it is asked
 * for.
 */
export function inFrame(key, action) {
  pending.set(key, action);
  if (frame) return;
  frame = requestAnimationFrame(() => {
    frame = 0;
    const actions = pending;
    pending = new Map();
    for (const each of actions.values()) each();
  });
}
