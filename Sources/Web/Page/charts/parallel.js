// Parallel coordinates: an axis for each hyperparameter and the score, a line for each member.

import {h, inFrame, s} from "../dom.js";
import {counted, hyperparameter, number, score} from "../format.js";
import {place, valueAt, valuesOf} from "../parts.js";

import {brushing} from "./brush.js";
import {Frame} from "./frame.js";
import {extent} from "./scale.js";

const SHADES = 12;
const HEIGHT = 330;
/** What is as good as equal: shares are computed. */
const EXACT = 1e-9;

export function parallel(context) {
  const frame = new Frame({
    label: "Parallel coordinates of the members. Arrow keys choose ranges.",
    height: HEIGHT,
    margin: {top: 44, right: 64, bottom: 30, left: 64},
    redraw: () => render(),
  });
  frame.svg.classList.add("parallel");
  const brush = brushing(frame, {
    axes: () => axes,
    xOf: (index) => xOf(index),
    changed: () => inFrame(frame, render),
    told: () => told(),
  });
  const clear = h("button", {class: "plain", hidden: true, on: {click: brush.clear}}, "Choose all");
  let data = null;
  let axes = [];
  let members = [];
  let near = null;

  function draw(loaded) {
    data = loaded;
    const scores = extent((data.members ?? []).map((each) => number(each.score)));
    axes = (data.parameters ?? []).filter((each) => each.kind !== "fixed").map(axisOf);
    axes.push(scoreAxis(scores));
    members =
      (data.members ?? []).map((each) => ({each, shares: axes.map((axis) => axis.at(each))}));
    render();
  }

  function axisOf(parameter) {
    const values = valuesOf(parameter);
    return {
      name: parameter.name,
      step: values.length > 1 ? 1 / (values.length - 1) : undefined,
      text: (share) => hyperparameter(valueAt(parameter, share)),
      at: (each) => place(parameter, each.hyperparameters?.[parameter.name]),
      of: (each) => hyperparameter(each.hyperparameters?.[parameter.name]),
    };
  }

  function scoreAxis(scores) {
    const [low, high] = scores ?? [NaN, NaN];
    const isBad = context.live.board?.minimize;
    const [worst, best] = isBad ? [high, low] : [low, high];
    return {
      name: "score",
      text: (share) => score(worst + (best - worst) * share),
      at(each) {
        const share = high > low ? (number(each.score) - worst) / (best - worst) : 0.5;
        return Number.isFinite(share) ? share : null;
      },
      of: (each) => score(each.score),
    };
  }

  const xOf = (index) => frame.inner.left +
    (axes.length > 1 ? (index / (axes.length - 1)) * (frame.inner.right - frame.inner.left) : 0);
  const yOf = (share) => frame.inner.bottom - share * (frame.inner.bottom - frame.inner.top);
  const isChosen = ({shares}) => [...brush.ranges].every(([index, [low, high]]) => {
    const share = shares[index];
    return share !== null && share >= low - EXACT && share <= high + EXACT;
  });

  function pathOf({shares}) {
    let text = "";
    shares.forEach((share, index) => {
      if (share !== null)
        text += `${text ? "L" : "M"}${xOf(index).toFixed(1)} ${yOf(share).toFixed(1)}`;
    });
    return text;
  }

  function render() {
    if (!data || !frame.width) return;
    const {top, bottom} = frame.inner;
    frame.svg.setAttribute("width", frame.width);
    frame.svg.setAttribute("height", HEIGHT);
    frame.svg.setAttribute("viewBox", `0 0 ${frame.width} ${HEIGHT}`);
    const groups = new Map();
    let left = "";
    // The best are drawn last, over the others.
    for (const member of members.toReversed()) {
      if (!isChosen(member)) {
        left += pathOf(member);
        continue;
      }
      const shade = members.length > 1 ?
        Math.round((1 - (member.each.rank - 1) / (members.length - 1)) * SHADES) :
        SHADES;
      groups.set(shade, (groups.get(shade) ?? "") + pathOf(member));
    }
    const faint = Math.max(0.16, Math.min(0.85, 40 / Math.max(members.length, 1)));
    const lines = [...groups].sort(([one], [other]) => one - other).map(([shade, d]) => s("path", {
      class: "member-line",
      d,
      css: {"--shade": `${Math.round(100 * (shade / SHADES) ** 2)}%`},
      "stroke-opacity": faint + (1 - faint) * (shade / SHADES) ** 3,
    }));
    const best = members[0] && isChosen(members[0]) ?
      [s("path", {class: "line winner", d: pathOf(members[0])})] :
      [];
    frame.plot.removeAttribute("clip-path");
    frame.plot.replaceChildren(s("path", {class: "left-out", d: left}),
      ...lines,
      ...best,
      near ? s("path", {class: "near", d: pathOf(near)}) : s("g"));
    const crowded = frame.width / Math.max(axes.length, 1) < 84;
    frame.marks.replaceChildren(...axes.flatMap((axis, index) => {
      const x = Math.round(xOf(index)) + 0.5;
      const range = brush.ranges.get(index);
      const row = crowded && index % 2 ? 14 : 0;
      return [
        s("line", {
          class: `upright ${index === brush.current() ? "current" : ""}`,
          x1: x,
          x2: x,
          y1: top,
          y2: bottom,
        }),
        s("text",
          {class: "axis-name", x, y: top - 24 + row - (crowded ? 8 : 0), "text-anchor": "middle"},
          axis.name.length > 16 ? axis.name.slice(0, 15) + "…" : axis.name),
        crowded ? s("g") :
                  s("text", {class: "tick", x, y: top - 8, "text-anchor": "middle"}, axis.text(1)),
        crowded ?
          s("g") :
          s("text", {class: "tick", x, y: bottom + 18, "text-anchor": "middle"}, axis.text(0)),
        range ? selected(axis, x, range) : s("g"),
      ];
    }));
    clear.hidden = brush.ranges.size === 0;
    readout();
  }

  function selected(axis, x, [low, high]) {
    const [top, bottom] = [yOf(high), yOf(low)];
    const end = (y, share) =>
      s("text", {class: "range-end", x: x + 12, y, dy: "0.32em"}, axis.text(share));
    return s("g",
      {},
      s("rect",
        {class: "selection", x: x - 8, width: 16, y: top, height: Math.max(1, bottom - top)}),
      high < 1 ? end(top, high) : s("g"),
      low > 0 && bottom - top > 12 ? end(bottom, low) : s("g"));
  }

  function told() {
    const all = counted(members.length, "member");
    return brush.ranges.size ? `${members.filter(isChosen).length} of ${all}` : all;
  }

  function readout() {
    const pairs = near ?
      [
        ["member", String(near.each.member)],
        ["rank", String(near.each.rank)],
        ...axes.map((axis) => [axis.name, axis.of(near.each)]),
      ] :
      [["", told()]];
    frame.readout.replaceChildren(...pairs.map(
      ([name, value]) =>
        h("span", {class: "pair"}, h("span", {class: "name"}, name), " ", h("b", {}, value))));
  }

  const pixel = (event) => {
    const box = frame.svg.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  frame.svg.addEventListener("pointermove", (event) => {
    if (brush.isDragged()) return;
    near = nearestLine(...pixel(event));
    inFrame(frame, render);
  });
  frame.svg.addEventListener("pointerleave", () => {
    near = null;
    inFrame(frame, render);
  });
  frame.svg.addEventListener(
    "click", () => near && !brush.ranges.size && context.go({member: near.each.member}, true));

  function nearestLine(x, y) {
    const width = (frame.inner.right - frame.inner.left) / Math.max(axes.length - 1, 1);
    const index = Math.min(
      Math.max(Math.floor((x - frame.inner.left) / width), 0), Math.max(axes.length - 2, 0));
    const along = (x - xOf(index)) / width;
    let found = null;
    let least = 8;
    for (const member of members) {
      const [one, other] = [member.shares[index], member.shares[index + 1] ?? member.shares[index]];
      if (one === null || other === null || !isChosen(member)) continue;
      const away = Math.abs(yOf(one + (other - one) * along) - y);
      if (away < least) {
        least = away;
        found = member;
      }
    }
    return found;
  }

  return {frame, element: frame.element, clear, draw, close: () => frame.close()};
}
