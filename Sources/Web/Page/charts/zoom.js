// Zooming into a part of the x axis, with the pointer, the keyboard and buttons.

import {h, s} from "../dom.js";

const LEAST_DRAG = 6;

/**
 * @param frame what is dragged over
 * @param options `whole()` is the x domain without zoom, `get()` the one now, `set(domain or null)`
 *   takes another; `step(±1)` moves the crosshair for the arrow keys
 * @returns buttons that do the same
 */
export function zooming(frame, {whole, get, set, step}) {
  const selection = s("rect", {class: "selection", visibility: "hidden"});
  frame.over.append(selection);
  let from = null;

  const within = (event) => {
    const box = frame.svg.getBoundingClientRect();
    const {left, right} = frame.inner;
    return Math.min(Math.max(event.clientX - box.left, left), right);
  };

  frame.svg.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || event.pointerType === "touch" || !frame.x) return;
    from = within(event);
    frame.svg.setPointerCapture(event.pointerId);
  });
  frame.svg.addEventListener("pointermove", (event) => {
    if (from === null) return;
    const to = within(event);
    const {top, bottom} = frame.inner;
    selection.setAttribute("visibility", Math.abs(to - from) < LEAST_DRAG ? "hidden" : "visible");
    selection.setAttribute("x", Math.min(from, to));
    selection.setAttribute("width", Math.abs(to - from));
    selection.setAttribute("y", top);
    selection.setAttribute("height", bottom - top);
  });
  const release = (event) => {
    if (from === null) return;
    const to = within(event);
    selection.setAttribute("visibility", "hidden");
    if (Math.abs(to - from) >= LEAST_DRAG && event.type === "pointerup") {
      set([frame.x.invert(Math.min(from, to)), frame.x.invert(Math.max(from, to))]);
    }
    from = null;
  };
  frame.svg.addEventListener("pointerup", release);
  frame.svg.addEventListener("pointercancel", release);
  frame.svg.addEventListener("dblclick", () => set(null));

  function by(factor) {
    const [low, high] = get();
    const half = ((high - low) * factor) / 2;
    const middle = (low + high) / 2;
    move(middle - half, middle + half);
  }

  function pan(share) {
    const [low, high] = get();
    const [least, most] = whole();
    const wanted = (high - low) * share;
    const shift = Math.min(Math.max(wanted, least - low), most - high);
    move(low + shift, high + shift);
  }

  function move(low, high) {
    const [least, most] = whole();
    if (low <= least && high >= most)
      set(null);
    else if (high - low > (most - least) * 1e-4)
      set([Math.max(low, least), Math.min(high, most)]);
  }

  frame.svg.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !frame.x) return;
    const actions = {
      "+": () => by(0.5),
      "=": () => by(0.5),
      "-": () => by(2),
      0: () => set(null),
      ArrowLeft: () => (event.shiftKey ? pan(-0.25) : step?.(-1)),
      ArrowRight: () => (event.shiftKey ? pan(0.25) : step?.(1)),
    };
    const action = actions[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });

  return h("span",
    {class: "buttons", role: "group", "aria-label": "Zoom"},
    button("Zoom in", "+", () => by(0.5)),
    button("Zoom out", "−", () => by(2)),
    button("Show all", "⤢", () => set(null)));
}

function button(title, text, click) {
  return h("button", {class: "icon", title, "aria-label": title, on: {click}}, text);
}
