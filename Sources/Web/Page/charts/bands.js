// Scores over steps: the best, the band of quartiles, single members and who copied.

import {s} from "../dom.js";
import {number} from "../format.js";

import {endLabels} from "./frame.js";
import {familyClass} from "./palette.js";
import {band, dots, line, stairs} from "./path.js";
import {extent, widened} from "./scale.js";

const COLUMNS = ["best", "upper", "median", "lower", "worst", "best_ever"];

/** Bins with numbers for "nan" and the like. */
export function numbered(bins) {
  return (bins ?? []).map((bin) => {
    const copy = {...bin};
    for (const column of COLUMNS) copy[column] = number(bin[column]);
    return copy;
  });
}

/** What is worth seeing: not the few scores that would press all others onto one line. */
export function domain(bins, lines, {isLog = false, isWhole = false} = {}) {
  const fits = (value) => Number.isFinite(value) && (!isLog || value > 0);
  const values =
    bins.flatMap((bin) => [bin.best, bin.upper, bin.lower, bin.median, bin.best_ever]).filter(fits);
  const inner = extent(values.concat(
    lines.flatMap((each) => each.points.map((point) => number(point[1]))).filter(fits)));
  const outer = extent(bins.map((bin) => bin.worst).filter(fits));
  if (!inner) return isLog ? [1, 10] : [0, 1];
  const both = outer ? [Math.min(inner[0], outer[0]), Math.max(inner[1], outer[1])] : inner;
  const size = ([low, high]) => (isLog ? Math.log(high / low) : high - low);
  return widened(isWhole || size(both) <= size(inner) * 1.6 ? both : inner, 0.04, isLog);
}

/** Whether all that would be drawn may stand on a logarithmic axis. */
export function mayBeLog(bins) {
  return bins.length > 0 &&
    bins.every(
      (bin) => [bin.best, bin.worst].every((value) => !Number.isFinite(value) || value > 0));
}

export function drawBands(frame, {bins, lines = [], exploits = [], names = true}) {
  const {x, y} = frame;
  const through = (column) => bins.map((bin) => [x(bin.x), y(bin[column])]);
  const between = (one, other) => band(bins.map((bin) => [x(bin.x), y(bin[one]), y(bin[other])]));
  frame.plot.replaceChildren(s("path", {class: "band outer", d: between("best", "worst")}),
    s("path", {class: "band inner", d: between("upper", "lower")}),
    s("path", {class: "line median", d: line(through("median"))}),
    s("path", {class: "line best", d: line(through("best"))}),
    s("path", {class: "line ever", d: stairs(through("best_ever"))}),
    s("path",
      {class: "copies", d: dots(exploits.map((each) => [x(each.x), y(number(each.y))]), 1.8)}),
    ...lines.flatMap((each, index) => memberLine(frame, each, index)));
  const last = bins.at(-1);
  if (!names || !last) {
    frame.marks.replaceChildren();
    return;
  }
  const labels = [
    {y: y(last.best_ever), text: "best ever", className: "of-ever"},
    {y: y(last.median), text: "median", className: "of-median"},
    {y: y(last.worst), text: "worst", className: "of-worst"},
    ...lines.map((each, index) => ({
      y: y(number(each.points.at(-1)?.[1])),
      text: `member ${each.member}`,
      className: familyClass(index),
    })),
  ];
  frame.marks.replaceChildren(
    ...endLabels(frame, labels.filter((label) => label.y <= frame.inner.bottom + 1)));
}

// Where a member copied, it went on from its donor's step: its own line ends there, and a dotted
// one leads to where it began again.
function memberLine(frame, {points, exploits}, index) {
  const copied = new Set((exploits ?? []).map(([x, y]) => `${x} ${y}`));
  const own = [];
  const jumps = [];
  points.forEach((point, at) => {
    const pixel = [frame.x(point[0]), frame.y(number(point[1]))];
    own.push(pixel);
    const next = points[at + 1];
    if (!next || !copied.has(`${point[0]} ${point[1]}`)) return;
    own.push(null);
    jumps.push(pixel, [frame.x(next[0]), frame.y(number(next[1]))], null);
  });
  return [
    s("path", {class: `jump ${familyClass(index)}`, d: line(jumps)}),
    s("path", {class: `line own ${familyClass(index)}`, d: line(own)}),
  ];
}
