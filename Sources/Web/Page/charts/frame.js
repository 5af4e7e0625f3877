// The frame that charts are drawn into: its size, axes, and where the pointer is.

import {h, inFrame, s} from "../dom.js";

import {scale} from "./scale.js";
import * as ticks from "./ticks.js";

let frames = 0;

export class Frame {
  width = 0;
  x = null;
  y = null;

  /**
   * @param options `label` is what a screen reader says; `height` is in pixels; `margin` has top,
   *   right, bottom and left; `redraw` is called when the width has changed
   */
  constructor({label, height = 320, margin = {}, redraw}) {
    this.height = height;
    this.margin = {top: 26, right: 76, bottom: 34, left: 58, ...margin};
    frames += 1;
    this.id = `clip-${frames}`;
    this.clip = s("rect");
    this.axis = s("g", {class: "axis", "aria-hidden": "true"});
    this.plot = s("g", {"clip-path": `url(#${this.id})`});
    this.marks = s("g");
    this.over = s("g", {class: "over"});
    this.svg = s("svg",
      {class: "frame", role: "img", "aria-label": label, tabindex: "0"},
      s("defs", {}, s("clipPath", {id: this.id}, this.clip)),
      this.axis,
      this.plot,
      this.marks,
      this.over);
    this.readout = h("p", {class: "readout"});
    this.element = h("figure", {class: "chart"}, this.readout, this.svg);
    this.redraw = redraw;
    this.observer = new ResizeObserver(([entry]) => {
      const width = Math.floor(entry.contentRect.width);
      if (width === this.width || width === 0) return;
      this.width = width;
      inFrame(this, () => this.redraw());
    });
    this.observer.observe(this.element);
  }

  close() { this.observer.disconnect(); }

  get isNarrow() { return this.width < 520; }

  get inner() {
    const {top, right, bottom, left} = this.margin;
    return {left, top, right: Math.max(left + 1, this.width - right), bottom: this.height - bottom};
  }

  /**
   * Draws the axes. Each of `x` and `y` has a `domain`, a `kind` (linear, log, time), a `title`,
   * and `whole` when there is nothing between whole numbers; `y` may have `text`, which writes a
   * tick, and `atMost`, how many there are.
   */
  axes({x, y}) {
    const {left, top, right, bottom} = this.inner;
    this.svg.setAttribute("width", this.width);
    this.svg.setAttribute("height", this.height);
    this.svg.setAttribute("viewBox", `0 0 ${this.width} ${this.height}`);
    for (const [name, value] of
           [["x", left], ["y", top - 2], ["width", right - left], ["height", bottom - top + 4]]) {
      this.clip.setAttribute(name, value);
    }
    this.x = scale(x.domain, [left, right], x.kind === "log");
    this.y = scale(y.domain, [bottom, top], y.kind === "log");
    const across = marksOf(x, Math.max(2, Math.floor((right - left) / 90)));
    const up = marksOf(y, y.atMost ?? Math.max(2, Math.floor((bottom - top) / 44)));
    const lastTick = across.at(-1);
    // The unit stands behind the last number.
    const unitAt =
      Math.max(right + 12, lastTick ? this.x(lastTick.value) + lastTick.text.length * 3.4 + 7 : 0);
    this.axis.replaceChildren(
      ...up.flatMap(({value, text}) => {
        const at = Math.round(this.y(value)) + 0.5;
        return [
          s("line", {class: "grid", x1: left, x2: right, y1: at, y2: at}),
          s("text",
            {class: "tick", x: left - 10, y: at, dy: "0.32em", "text-anchor": "end"},
            y.text?.(value) ?? text),
        ];
      }),
      s("line", {class: "base", x1: left, x2: right, y1: bottom + 0.5, y2: bottom + 0.5}),
      ...across.flatMap(({value, text}) => {
        const at = Math.round(this.x(value)) + 0.5;
        return [
          s("line", {class: "base", x1: at, x2: at, y1: bottom, y2: bottom + 4}),
          s("text", {class: "tick", x: at, y: bottom + 18, "text-anchor": "middle"}, text),
        ];
      }),
      s("text", {class: "title", x: 0, y: top - 14}, y.title ?? ""),
      s("text", {class: "title unit", x: unitAt, y: bottom + 18}, x.title ?? ""),
    );
  }
}

function marksOf({domain, kind, whole}, atMost) {
  if (kind === "log") return ticks.logarithmic(domain, atMost);
  if (kind === "time") return ticks.time(domain, atMost);
  return ticks.linear(domain, atMost, {whole});
}

/** Labels at the ends of lines, moved apart so that none covers another: `{y, text, className}`. */
export function endLabels(frame, labels, {gap = 15, x = frame.inner.right + 10} = {}) {
  const {top, bottom} = frame.inner;
  const sorted =
    labels.filter((label) => Number.isFinite(label.y)).sort((one, other) => one.y - other.y);
  let lowest = -Infinity;
  for (const label of sorted) {
    label.at = Math.max(Math.min(Math.max(label.y, top), bottom), lowest + gap);
    lowest = label.at;
  }
  let highest = bottom - 2;
  for (const label of sorted.toReversed()) {
    label.at = Math.min(label.at, highest);
    highest = label.at - gap;
  }
  return sorted.map(
    (label) =>
      s("text", {class: `end ${label.className ?? ""}`, x, y: label.at, dy: "0.32em"}, label.text));
}
