// Parallel coordinates: an axis for each hyperparameter and the score, a line for each member.

import {h, inFrame, s} from "../dom.js";
import {counted, hyperparameter, number, score} from "../format.js";
import {place, valuesOf} from "../parts.js";

import {Frame} from "./frame.js";
import {extent} from "./scale.js";

const SHADES = 12;
const HEIGHT = 330;

export function parallel(context) {
  const frame = new Frame({
    label: "Parallel coordinates of the members",
    height: HEIGHT,
    margin: {top: 44, right: 64, bottom: 30, left: 64},
    redraw: () => render(),
  });
  const brushes = new Map();
  const clear = h("button",
    {
      class: "plain",
      hidden: true,
      on: {
        click: () => {
          brushes.clear();
          render();
        },
      },
    },
    "Choose all");
  let data = null;
  let axes = [];
  let members = [];
  let near = null;
  let drag = null;

  function draw(loaded) {
    data = loaded;
    const scores = extent((data.members ?? []).map((each) => number(each.score)));
    const isBad = context.live.board?.minimize;
    axes = (data.parameters ?? [])
             .filter((parameter) => parameter.kind !== "fixed")
             .map((parameter) => ({
               name: parameter.name,
               low: valuesOf(parameter)[0] ?? parameter.min,
               high: valuesOf(parameter).at(-1) ?? parameter.max,
               at: (each) => place(parameter, each.hyperparameters?.[parameter.name]),
               text: (each) => hyperparameter(each.hyperparameters?.[parameter.name]),
             }));
    axes.push({
      name: "score",
      low: isBad ? scores?.[1] : scores?.[0],
      high: isBad ? scores?.[0] : scores?.[1],
      isScore: true,
      at: (each) => {
        const share = scores && scores[1] > scores[0] ?
          (number(each.score) - scores[0]) / (scores[1] - scores[0]) :
          0.5;
        return Number.isFinite(share) ? (isBad ? 1 - share : share) : null;
      },
      text: (each) => score(each.score),
    });
    members =
      (data.members ?? []).map((each) => ({each, shares: axes.map((axis) => axis.at(each))}));
    render();
  }

  const xOf = (index) => frame.inner.left +
    (axes.length > 1 ? (index / (axes.length - 1)) * (frame.inner.right - frame.inner.left) : 0);
  const yOf = (share) => frame.inner.bottom - share * (frame.inner.bottom - frame.inner.top);
  const isChosen = ({shares}) => [...brushes].every(([index,
    [low, high]]) => shares[index] !== null && shares[index] >= low && shares[index] <= high);

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
      const brush = brushes.get(index);
      const row = crowded && index % 2 ? 14 : 0;
      return [
        s("line", {class: "upright", x1: x, x2: x, y1: top, y2: bottom}),
        s("text",
          {class: "axis-name", x, y: top - 24 + row - (crowded ? 8 : 0), "text-anchor": "middle"},
          axis.name.length > 16 ? axis.name.slice(0, 15) + "…" : axis.name),
        crowded ? s("g") :
                  s("text",
                    {class: "tick", x, y: top - 8, "text-anchor": "middle"},
                    axis.isScore ? score(axis.high) : hyperparameter(axis.high)),
        crowded ? s("g") :
                  s("text",
                    {class: "tick", x, y: bottom + 18, "text-anchor": "middle"},
                    axis.isScore ? score(axis.low) : hyperparameter(axis.low)),
        brush ? s("rect", {
          class: "selection",
          x: x - 8,
          width: 16,
          y: yOf(brush[1]),
          height: Math.max(1, yOf(brush[0]) - yOf(brush[1])),
        }) :
                s("g"),
      ];
    }));
    clear.hidden = brushes.size === 0;
    readout();
  }

  function readout() {
    const chosen = members.filter(isChosen).length;
    const pairs = near ?
      [
        ["member", String(near.each.member)],
        ["rank", String(near.each.rank)],
        ...axes.map((axis) => [axis.name, axis.text(near.each)]),
      ] :
      [[
        "",
        brushes.size ? `${chosen} of ${counted(members.length, "member")}` :
                       counted(members.length, "member"),
      ]];
    frame.readout.replaceChildren(...pairs.map(
      ([name, value]) =>
        h("span", {class: "pair"}, h("span", {class: "name"}, name), " ", h("b", {}, value))));
  }

  const pixel = (event) => {
    const box = frame.svg.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  const shareAt = (y) =>
    Math.min(1, Math.max(0, (frame.inner.bottom - y) / (frame.inner.bottom - frame.inner.top)));
  const axisAt = (x) => axes.findIndex((_, index) => Math.abs(xOf(index) - x) < 12);

  frame.svg.addEventListener("pointerdown", (event) => {
    const [x, y] = pixel(event);
    const index = axisAt(x);
    if (index < 0) return;
    drag = {index, from: shareAt(y)};
    frame.svg.setPointerCapture(event.pointerId);
  });
  frame.svg.addEventListener("pointermove", (event) => {
    const [x, y] = pixel(event);
    if (drag) {
      const to = shareAt(y);
      if (Math.abs(to - drag.from) > 0.01)
        brushes.set(drag.index, [Math.min(drag.from, to), Math.max(drag.from, to)]);
    } else {
      near = nearestLine(x, y);
    }
    inFrame(frame, render);
  });
  frame.svg.addEventListener("pointerup", (event) => {
    if (drag && Math.abs(shareAt(pixel(event)[1]) - drag.from) <= 0.01) brushes.delete(drag.index);
    drag = null;
    inFrame(frame, render);
  });
  frame.svg.addEventListener("pointerleave", () => {
    near = null;
    inFrame(frame, render);
  });
  frame.svg.addEventListener(
    "click", () => near && !brushes.size && context.go({member: near.each.member}, true));

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
