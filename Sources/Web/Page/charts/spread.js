// One hyperparameter over steps: the quartiles of all members and the winner's line among them.

import {s} from "../dom.js";
import {count, duration, hyperparameter, number, share as shareText, written} from "../format.js";

import {walked} from "./crosshair.js";
import {Frame} from "./frame.js";
import {familyClass} from "./palette.js";
import {band, line} from "./path.js";
import {widened} from "./scale.js";

export const numeric = ({kind}) => kind === "number" || kind === "integer";

const HEIGHT = 210;
/** So many members are drawn one by one. */
const FEW = 40;

export function spread(parameter, redraw) {
  const frame = new Frame({
    label: `${parameter.name} over steps`,
    height: HEIGHT,
    margin: {top: 12, right: 58, left: 62},
    redraw,
  });
  let bins = [];
  let isTime = false;
  let drawn = null;
  const pointer =
    walked(frame, {xs: () => bins.map((bin) => bin.x), show: (index) => readout(index)});

  function draw(data, byTime) {
    drawn = data;
    isTime = byTime;
    bins = (data.bins ?? [])
             .filter((bin) => bin.parameters && Object.hasOwn(bin.parameters, parameter.name))
             .map((bin) => ({x: bin.x, ...bin.parameters[parameter.name]}));
    if (!frame.width) return;
    const last = bins.at(-1)?.x || 1;
    const x = {domain: [0, last], kind: isTime ? "time" : "linear", whole: !isTime};
    if (numeric(parameter))
      drawNumbers(x);
    else
      drawShares(x);
    pointer.redraw();
  }

  function drawNumbers(x) {
    const isLog = Boolean(parameter.log) && parameter.min > 0;
    const domain = widened([number(parameter.min), number(parameter.max)], 0.02, isLog);
    frame.axes(
      {x, y: {domain, kind: isLog ? "log" : "linear", whole: parameter.kind === "integer"}});
    const between = (one, other) => band(
      bins.map((bin) => [frame.x(bin.x), frame.y(number(bin[one])), frame.y(number(bin[other]))]));
    const path = (className, d) => s("path", {class: className, d});
    frame.plot.replaceChildren(path("band outer", between("max", "min")),
      path("band inner", between("upper", "lower")),
      path("line median", line(bins.map((bin) => [frame.x(bin.x), frame.y(number(bin.median))]))),
      path("line winner", isTime ? "" : winner()));
    const ys = (drawn.members ?? [])
                 .map((each) => frame.y(number(each.hyperparameters?.[parameter.name])))
                 .filter(Number.isFinite);
    frame.marks.replaceChildren(path("hairs", where(ys)), ...label());
  }

  // Where the members are now: one hair each, or, of many, how many are how high.
  function where(ys) {
    const {right, top, bottom} = frame.inner;
    if (ys.length <= FEW) return ys.map((y) => `M${right + 6} ${y.toFixed(1)}h14`).join("");
    const counts = new Map();
    for (const y of ys) {
      const bin = Math.floor(Math.min(Math.max(y, top), bottom) / 3);
      counts.set(bin, (counts.get(bin) ?? 0) + 1);
    }
    const most = Math.max(...counts.values());
    return [...counts]
      .map(([bin, many]) => {
        const long = ((18 * many) / most).toFixed(1);
        return `M${right + 4} ${bin * 3 + 1}h${long}m${- long} 1h${long}`;
      })
      .join("");
  }

  function label() {
    const segment = drawn.winner?.segments?.at(-1);
    const y = frame.y(number(segment?.hyperparameters?.[parameter.name]));
    return Number.isFinite(y) && !isTime ?
      [
        s("path", {class: "winner-mark", d: `M${frame.inner.right + 4} ${y.toFixed(1)}h18`}),
        s("text", {class: "end of-ever", x: frame.inner.right + 26, y, dy: "0.32em"}, "best"),
      ] :
      [];
  }

  function winner() {
    const points = [];
    for (const {start, end, hyperparameters} of drawn.winner?.segments ?? []) {
      const y = frame.y(number(hyperparameters?.[parameter.name]));
      points.push([frame.x(start), y], [frame.x(end), y]);
    }
    return line(points);
  }

  function drawShares(x) {
    frame.axes({x, y: {domain: [0, 1], kind: "linear", text: (value) => shareText(value)}});
    const values = choices();
    let below = bins.map(() => 0);
    const parts = [];
    const names = [];
    values.forEach((value, index) => {
      const above = below.map((low, at) => low + number(bins[at].shares?.[value] ?? 0));
      parts.push(s("path", {
        class: `share ${familyClass(index)}`,
        d: band(bins.map((bin, at) => [frame.x(bin.x), frame.y(above[at]), frame.y(below[at])])),
      }));
      const middle = (above.at(-1) + below.at(-1)) / 2;
      if (above.at(-1) - below.at(-1) > 0.07) {
        names.push(s("text",
          {
            class: `end ${familyClass(index)}`,
            x: frame.inner.right + 8,
            y: frame.y(middle),
            dy: "0.32em",
          },
          String(value).slice(0, 8)));
      }
      below = above;
    });
    frame.plot.replaceChildren(...parts);
    frame.marks.replaceChildren(...names);
  }

  function choices() {
    const known = (parameter.values ?? []).map(written);
    const seen = bins.flatMap((bin) => Object.keys(bin.shares ?? {}));
    return [...new Set([...known.filter((value) => seen.includes(value)), ...seen])].slice(0, 24);
  }

  function readout(index) {
    const bin = index === null ? bins.at(-1) : bins[index];
    if (!bin) return [];
    const at = [isTime ? "after" : "step", isTime ? duration(bin.x) : count(bin.x)];
    if (bin.shares) {
      return [
        at,
        ...Object.entries(bin.shares).sort((one, other) => other[1] - one[1]).slice(0, 3).map(([
          value,
          share,
        ]) => [value, shareText(share)]),
      ];
    }
    const best = (drawn.winner?.segments ??
      []).find((segment) => bin.x > segment.start && bin.x <= segment.end);
    return [
      at,
      ["median", hyperparameter(bin.median), "of-median"],
      ["quartiles", `${hyperparameter(bin.lower)} … ${hyperparameter(bin.upper)}`],
      ...(best && !isTime ?
          [["best", hyperparameter(best.hyperparameters?.[parameter.name]), "of-ever"]] :
          []),
    ];
  }

  return {frame, parameter, draw, close: () => frame.close()};
}
