// One line over steps, and bars.

import {s} from "../dom.js";
import {count, duration} from "../format.js";

import {walked} from "./crosshair.js";
import {endLabels, Frame} from "./frame.js";
import {band, line, stairs} from "./path.js";

const HEIGHT = 230;

export function series({label, isStairs = false, isArea = false, redraw}) {
  const frame = new Frame({label, height: HEIGHT, margin: {top: 14, right: 62, left: 52}, redraw});
  let points = [];
  let options = {};
  const pointer = walked(frame, {
    xs: () => points.map(([x]) => x),
    show(index) {
      const point = index === null ? points.at(-1) : points[index];
      if (!point) return [];
      return [
        [options.isTime ? "after" : "step", options.isTime ? duration(point[0]) : count(point[0])],
        [options.name, options.text(point[1]), "of-ever"],
      ];
    },
  });
  return {
    frame,
    draw(next, how) {
      points = next;
      options = how;
      if (!frame.width) return;
      const last = points.at(-1);
      frame.axes({
        x: {domain: [0, last?.[0] || 1], kind: how.isTime ? "time" : "linear", whole: !how.isTime},
        y: {
          domain: how.domain,
          kind: "linear",
          whole: how.whole,
          text: how.whole ? undefined : how.text,
        },
      });
      const pixels = points.map(([x, y]) => [frame.x(x), frame.y(y)]);
      const floor = frame.y(how.domain[0]);
      frame.plot.replaceChildren(isArea ?
          s("path", {class: "area", d: band(pixels.map(([x, y]) => [x, y, floor]))}) :
          s("g"),
        s("path", {class: "line ever", d: isStairs ? stairs(pixels) : line(pixels)}));
      frame.marks.replaceChildren(...(last ?
          endLabels(frame, [{y: frame.y(last[1]), text: how.text(last[1]), className: "of-ever"}]) :
          []));
      pointer.redraw();
    },
  };
}

/** Bars upwards and, with `isMirror`, others downwards from the same line. */
export function bars({label, isMirror = false, redraw}) {
  const frame = new Frame({label, height: HEIGHT, margin: {top: 14, right: 20, left: 52}, redraw});
  frame.svg.removeAttribute("tabindex");
  return {
    frame,
    draw(rows, names) {
      if (!frame.width) return;
      const most = Math.max(1, ...rows.map((row) => Math.max(row.up, row.down)));
      frame.axes({
        x: {domain: [0, 1], kind: "linear"},
        y: {
          domain: isMirror ? [-most * 1.1, most * 1.1] : [0, most * 1.1],
          kind: "linear",
          whole: true,
          // Fewer might leave the line in the middle alone.
          atMost: isMirror ? 6 : undefined,
          text: (value) => count(Math.abs(value)),
        },
      });
      const {left, right, bottom} = frame.inner;
      const width = (right - left) / Math.max(rows.length, 1);
      const thick = Math.min(width * 0.7, 44);
      const zero = frame.y(0);
      const bar = (index, value, className) => {
        const at = frame.y(value);
        const rect = s("rect", {
          class: `bar ${className}`,
          x: left + width * (index + 0.5) - thick / 2,
          width: thick,
          y: Math.min(at, zero),
          height: Math.abs(at - zero),
        });
        rect.append(s("title",
          {},
          `${rows[index].name}: ${count(Math.abs(value))} ${value < 0 ? names.down : names.up}`));
        return rect;
      };
      frame.plot.replaceChildren(...rows.flatMap(
        (row,
          index) => [bar(index, row.up, "up"), row.down ? bar(index, -row.down, "down") : s("g")]));
      // The axis below has names rather than numbers.
      frame.axis.querySelectorAll(".tick[text-anchor=middle], .base")
        .forEach((element) => element.remove());
      const every = Math.ceil((rows.some((row) => row.name.length > 3)    ? 34 :
                                  rows.some((row) => row.name.length > 2) ? 27 :
                                                                            20) /
        width);
      frame.marks.replaceChildren(
        s("line", {class: "base", x1: left, x2: right, y1: zero, y2: zero}),
        ...rows.map((row, index) => (index % every ? s("g") :
                                                     s("text",
                                                       {
                                                         class: "tick",
                                                         x: left + width * (index + 0.5),
                                                         y: bottom + 18,
                                                         "text-anchor": "middle",
                                                       },
                                                       row.name))),
        ...(isMirror ?
            [
              s("text",
                {class: "end of-ever", x: right, y: frame.inner.top + 6, "text-anchor": "end"},
                names.up),
              s("text",
                // The best, on the left, copy least, and leave room.
                {class: "end of-down", x: left, y: bottom - 6},
                names.down),
            ] :
            []));
    },
  };
}
