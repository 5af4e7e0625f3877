// A vertical rule at what is nearest to the pointer, and its numbers above the chart.

import {announce, h, inFrame, s} from "../dom.js";

/**
 * @param frame what the pointer moves over
 * @param options `xs()` are the values that it stops at, sorted; `show(index or null)` returns the
 *   pairs
 *   `[name, value, class]` of the readout and, for a screen reader, they are said when keys moved
 * it
 */
export function crosshair(frame, {xs, show}) {
  const rule = s("line", {class: "crosshair", visibility: "hidden"});
  frame.over.append(rule);
  let index = null;

  function draw(isByKey) {
    const values = xs();
    if (index !== null) index = Math.min(index, values.length - 1);
    const isShown = index !== null && index >= 0 && frame.x !== null;
    rule.setAttribute("visibility", isShown ? "visible" : "hidden");
    if (isShown) {
      const at = frame.x(values[index]);
      const {top, bottom} = frame.inner;
      for (const [name, value] of [["x1", at], ["x2", at], ["y1", top], ["y2", bottom]])
        rule.setAttribute(name, value);
    }
    const pairs = show(isShown ? index : null);
    frame.readout.replaceChildren(...pairs.map(([name, value, className]) => h("span",
                                                 {class: `pair ${className ?? ""}`},
                                                 h("span", {class: "name"}, name),
                                                 " ",
                                                 h("b", {}, value))));
    if (isByKey) announce(pairs.map(([name, value]) => `${name} ${value}`).join(", "));
  }

  frame.svg.addEventListener("pointermove", (event) => {
    if (!frame.x) return;
    const pixel = event.clientX - frame.svg.getBoundingClientRect().left;
    const {left, right} = frame.inner;
    index = pixel < left - 8 || pixel > right + 8 ? null : nearest(xs(), frame.x.invert(pixel));
    inFrame(rule, () => draw(false));
  });
  frame.svg.addEventListener("pointerleave", () => {
    index = null;
    inFrame(rule, () => draw(false));
  });
  frame.svg.addEventListener("blur", () => {
    index = null;
    draw(false);
  });

  return {
    redraw: () => draw(false),
    step(by) {
      const last = xs().length - 1;
      if (last < 0) return;
      index = index === null ? (by > 0 ? 0 : last) : Math.min(Math.max(index + by, 0), last);
      draw(true);
    },
  };
}

/** The same, with the arrow keys going from point to point. */
export function walked(frame, options) {
  const pointer = crosshair(frame, options);
  frame.svg.addEventListener("keydown", (event) => {
    const by = {ArrowLeft: -1, ArrowRight: 1}[event.key];
    if (!by) return;
    event.preventDefault();
    pointer.step(by);
  });
  return pointer;
}

/** The index of what is nearest in sorted values; null without any. */
export function nearest(values, wanted) {
  if (values.length === 0) return null;
  let low = 0;
  let high = values.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (values[middle] < wanted)
      low = middle;
    else
      high = middle;
  }
  return wanted - values[low] < values[high] - wanted ? low : high;
}
