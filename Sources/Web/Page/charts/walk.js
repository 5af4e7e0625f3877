// Walking along a lineage and zooming into it, with the pointer, the keyboard and buttons.

import {announce, h, inFrame, s} from "../dom.js";
import {count, counted, score} from "../format.js";

const LEAST_DRAG = 6;

/** @param options functions that the view has: see views/lineage.js */
export function lineageKeys(frame, {tree, view, whole, set, mark, open, at}) {
  const selection = s("rect", {class: "selection", visibility: "hidden"});
  frame.over.append(selection);
  let from = null;
  let current = null;
  let wasDragged = false;

  const pixel = (event) => {
    const box = frame.svg.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };

  frame.svg.addEventListener("pointerdown", (event) => {
    if (event.button === 0 && event.pointerType !== "touch") from = pixel(event);
  });
  frame.svg.addEventListener("pointermove", (event) => {
    const to = pixel(event);
    if (from && Math.hypot(to[0] - from[0], to[1] - from[1]) >= LEAST_DRAG) {
      frame.svg.setPointerCapture(event.pointerId);
      select(from, to);
      return;
    }
    inFrame(selection, () => {
      const node = at(...to);
      if (node === current) return;
      current = node;
      mark(node);
    });
  });
  frame.svg.addEventListener("pointerleave", () => {
    current = null;
    mark(null, true);
  });
  frame.svg.addEventListener("pointerup", (event) => {
    if (!from) return;
    const to = pixel(event);
    selection.setAttribute("visibility", "hidden");
    wasDragged = Math.hypot(to[0] - from[0], to[1] - from[1]) >= LEAST_DRAG;
    if (wasDragged) zoomTo(from, to);
    from = null;
  });
  frame.svg.addEventListener("click", (event) => {
    // A drag ends with a click of its own.
    const node = wasDragged ? null : at(...pixel(event));
    wasDragged = false;
    if (node) open(node);
  });
  frame.svg.addEventListener("dblclick", () => set(null));

  function select(one, other) {
    const box = {
      x: Math.min(one[0], other[0]),
      y: Math.min(one[1], other[1]),
      width: Math.abs(one[0] - other[0]),
      height: Math.abs(one[1] - other[1]),
    };
    for (const [name, value] of Object.entries(box)) selection.setAttribute(name, value);
    selection.setAttribute("visibility", "visible");
  }

  // A flat drag means steps alone, so that the river keeps its breadth.
  function zoomTo(one, other) {
    const now = view();
    const x = [one[0], other[0]].sort((a, b) => a - b).map((value) => frame.x.invert(value));
    const y = [one[1], other[1]].sort((a, b) => a - b).map((value) => frame.y.invert(value));
    move({x, y: Math.abs(one[1] - other[1]) < 24 ? now.y : y});
  }

  function move(next) {
    const all = whole();
    const clipped = Object.fromEntries(["x", "y"].map((axis) => {
      const [least, most] = all[axis];
      return [axis, [Math.max(next[axis][0], least), Math.min(next[axis][1], most)]];
    }));
    const isAll = ["x", "y"].every(
      (axis) => clipped[axis][0] <= all[axis][0] && clipped[axis][1] >= all[axis][1]);
    const isTiny = ["x", "y"].some(
      (axis) => !(clipped[axis][1] - clipped[axis][0] > (all[axis][1] - all[axis][0]) * 1e-4));
    if (isAll)
      set(null);
    else if (!isTiny)
      set(clipped);
  }

  function by(factor) {
    const now = view();
    if (!now) return;
    const around = (range, middle) => range.map((value) => middle + (value - middle) * factor);
    const middle = (range) => (range[0] + range[1]) / 2;
    move({
      x: around(now.x, current?.isSeen ? current.end : middle(now.x)),
      y: around(now.y, current?.isSeen ? current.middle : middle(now.y)),
    });
  }

  const STEPS = {
    ArrowLeft: (node) => node.parent,
    ArrowRight: (node) => node.children.find((child) => child.goesOn) ??
      node.children.toSorted((one, other) => other.living - one.living)[0],
    ArrowUp: (node) => beside(node, -1),
    ArrowDown: (node) => beside(node, 1),
  };

  // The nearest above or below among those that cover the same step.
  function beside(node, way) {
    const step = (node.start + node.end) / 2;
    let found = null;
    for (const each of tree().nodes) {
      if (each === node || each.start > step || each.end < step ||
        (each.middle - node.middle) * way <= 0)
        continue;
      if (!found || Math.abs(each.middle - node.middle) < Math.abs(found.middle - node.middle))
        found = each;
    }
    return found;
  }

  frame.svg.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !tree()) return;
    const zooms = {"+": () => by(0.5), "=": () => by(0.5), "-": () => by(2), 0: () => set(null)};
    if (zooms[event.key])
      zooms[event.key]();
    else if (STEPS[event.key])
      walk(STEPS[event.key]);
    else if (event.key === "Enter" && current)
      open(current);
    else
      return;
    event.preventDefault();
  });

  function walk(step) {
    current = current && tree().nodes.includes(current) ?
      step(current) ?? current :
      tree().nodes.find((node) => node.living > 0) ?? tree().nodes[0];
    if (!current) return;
    mark(current);
    announce(
      `Member ${current.member}, steps ${count(current.start)} to ${count(current.end)}, scored ${
        score(current.score)}, ${counted(current.living, "descendant")}`);
  }

  const button = (title, text, click) =>
    h("button", {class: "icon", title, "aria-label": title, on: {click}}, text);
  return {
    current: () => (current && tree()?.nodes.includes(current) ? current : null),
    buttons: h("span",
      {class: "buttons", role: "group", "aria-label": "Zoom"},
      button("Zoom in", "+", () => by(0.5)),
      button("Zoom out", "−", () => by(2)),
      button("Show all", "⤢", () => set(null))),
  };
}
