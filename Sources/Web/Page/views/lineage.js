// Who descends from whom, as a river that grows.

import {ask, of} from "../api.js";
import {Frame} from "../charts/frame.js";
import {highlight} from "../charts/highlight.js";
import {ramp} from "../charts/palette.js";
import {drawNames, drawRiver, lay, nodeAt} from "../charts/river.js";
import {extent} from "../charts/scale.js";
import {families, holding, tree} from "../charts/tree.js";
import {lineageKeys} from "../charts/walk.js";
import {h, inFrame} from "../dom.js";
import {follow} from "../follow.js";
import {count, counted, hyperparameter, number, percent, score} from "../format.js";
import {heading, picker, place, toggle, valuesOf} from "../parts.js";
import {pictureButton, tableButton} from "../save.js";

/** So many that each of a thousand members has its place. */
const NODES = 5000;
const FEW = 60;

export function showLineage(host, context) {
  let query = {...context.query};
  let graph = null;
  let shown = null;
  let heads = {families: [], isByBeginning: false};
  let slot = 0;

  const frame = new Frame({
    label: "Lineage: who descends from whom. Arrow keys walk along it.",
    margin: {top: 14, right: 132, bottom: 34, left: 14},
    redraw: draw,
  });
  frame.svg.classList.add("river");
  const marked = highlight(frame);
  const colour =
    picker("Colour", [["", "family"]], "", (name) => context.go({colour: name || undefined}));
  const dead = toggle("What died out", true, (isOn) => context.go({dead: isOn ? "1" : "0"}));
  const key = h("span", {class: "ramp-key", hidden: true});
  const story = h("p", {class: "note lead"});
  const tip = h("p", {class: "tip", hidden: true});

  const walk = lineageKeys(frame, {
    tree: () => shown,
    view: () => frame.x && {x: frame.x.domain, y: frame.y.domain.toReversed()},
    whole: () => ({x: widest(), y: [0, shown.size]}),
    set: (view) => context.go({
      zoom: view ? [...view.x, ...view.y].map((value) => Number(value.toPrecision(6))).join(",") :
                   undefined,
    }),
    mark: (node) => mark(node),
    open: (node) => context.go({member: node.holders[0] ?? node.member}, true),
    at: (px, py) => shown && nodeAt(shown, px, py),
  });
  const content = h("div",
    {},
    story,
    h("div",
      {class: "controls"},
      h("label", {class: "field"}, "Colour ", colour),
      key,
      dead,
      walk.buttons),
    h("div", {class: "river-box"}, frame.element, tip));
  host.append(heading("Lineage",
                null,
                pictureButton(() => `${context.population}-lineage`, frame.svg),
                tableButton(() => `${context.population}-lineage`, table)),
    content);

  const loading = follow(context, {
    host,
    content,
    load: (signal) => ask(of(context.population, "lineage"), {nodes: NODES}, signal),
    empty: (data) => data.nodes.length === 0,
    draw(data) {
      graph = data;
      arrange();
      inFrame(frame, draw);
    },
  });

  function withDead() { return (query.dead ?? ((graph?.members ?? 0) <= FEW ? "1" : "0")) === "1"; }

  function arrange() {
    host.dataset.committed = graph.committed;
    shown = tree(graph, withDead());
    heads = families(shown);
    dead.set(withDead());
    const space =
      context.live.populations.find((each) => each.name === context.population)?.space ?? [];
    const names =
      space.filter((each) => each.kind !== "fixed").map((each) => [each.name, each.name]);
    colour.setOptions([["", "family"], ["score:", "score"], ...names], query.colour ?? "");
    story.replaceChildren(...told());
  }

  function told() {
    const alive =
      new Set(graph.nodes.filter((node) => node.living > 0).map((node) => node.beginning)).size;
    const living = shown.living;
    const parts = [
      `${counted(living, "member")} ${living === 1 ? "descends" : "descend"} from `,
      h("b", {}, `${count(alive)} of ${counted(graph.beginnings, "beginning")}`),
      `, after ${counted(graph.exploits, "copy", "copies")}. `,
    ];
    const widestHead = heads.families.toSorted((one, other) => other.living - one.living)[0];
    if (heads.isByBeginning && widestHead)
      parts.push(`The largest family, of member ${widestHead.beginning ?? widestHead.member}, has ${
        percent(widestHead.living / living)} of them. `);
    if (!heads.isByBeginning && living > FEW)
      parts.push("Each colour is a branch: how many descend from which member. ");
    if (graph.folded > 0)
      parts.push(`${counted(graph.folded, "stretch", "stretches")} of training ${
        graph.folded === 1 ? "is" : "are"} left out, first those that died out.`);
    return parts;
  }

  function widest() {
    const last = shown.nodes.reduce((most, node) => Math.max(most, node.end), 0);
    return [0, last || 1];
  }

  function draw() {
    if (!shown || !frame.width) return;
    frame.margin.right = frame.isNarrow ? 104 : 140;
    frame.height =
      Math.round(Math.max(Math.min(shown.size * 34, Math.max(innerHeight - 300, 420)), 220) + 48);
    const [x0, x1, y0, y1] = zoomed();
    frame.axes({
      x: {domain: [x0, x1], kind: "linear", title: "steps", whole: true},
      y: {domain: [y1, y0], kind: "linear", text: () => ""},
    });
    slot = lay(shown, frame);
    drawRiver(frame, shown, shade());
    drawNames(frame, shown, {...heads, slot, byFamily: !query.colour});
    drawKey();
    mark(walk.current() ?? (query.member ? holding(shown, Number(query.member)) : null), true);
  }

  function zoomed() {
    const wanted = (query.zoom ?? "").split(",").map(Number);
    const whole = [...widest(), 0, shown.size];
    const isGood = wanted.length === 4 && wanted.every(Number.isFinite) && wanted[1] > wanted[0] &&
      wanted[3] > wanted[2];
    return isGood ? wanted : whole;
  }

  /** From a node to its place between the least and the most; null for families. */
  function shade() {
    if (!query.colour) return null;
    if (query.colour === "score:") {
      const range = extent(shown.nodes.map((node) => number(node.score)));
      const board = context.live.board;
      return (node) => {
        const share = range && range[1] > range[0] ?
          (number(node.score) - range[0]) / (range[1] - range[0]) :
          0.5;
        return board?.minimize ? 1 - share : share;
      };
    }
    const dimension = dimensionOf(query.colour);
    return (node) => place(dimension, node.hyperparameters?.[query.colour]) ?? NaN;
  }

  function dimensionOf(name) {
    return context.live.populations.find((each) => each.name === context.population)
      ?.space.find((each) => each.name === name);
  }

  function drawKey() {
    key.hidden = !query.colour;
    if (!query.colour) return;
    const dimension = dimensionOf(query.colour);
    const values = dimension ? valuesOf(dimension) : [];
    const [low, high] = query.colour === "score:" ? ["worst", "best"] :
      values.length                               ? [values[0], values.at(-1)] :
                                                    [dimension?.min, dimension?.max];
    key.replaceChildren(h("span", {}, hyperparameter(low)),
      ...Array.from({length: 12}, (_, index) => h("i", {css: {background: ramp(index / 11)}})),
      h("span", {}, hyperparameter(high)));
  }

  function mark(node, isKept = false) {
    marked.show(node);
    const chosen = isKept ? null : node;
    tip.hidden = !chosen;
    if (!chosen) return;
    tip.replaceChildren(...sentences(chosen));
    const left = Math.min(Math.max(chosen.x0, 0), Math.max(0, frame.width - 280));
    tip.style.setProperty("left", `${left}px`);
    tip.style.setProperty(
      "top", `${Math.min(chosen.at + chosen.wide / 2 + 14, frame.height - 40)}px`);
  }

  function sentences(node) {
    const values = Object.entries(node.hyperparameters ?? {}).slice(0, 6).map(([name,
      value]) => `${name} ${hyperparameter(value)}`);
    const fate = node.living > 0 ?
      `${counted(node.living, "member")} ${node.living === 1 ? "descends" : "descend"} from it.` :
      "Died out.";
    return [
      h("b", {}, `Member ${node.member}`),
      `, steps ${count(node.start)}–${count(node.end)}, scored ${score(node.score)}. ${fate}`,
      node.holders.length ? ` Now ${node.holders.join(", ")}.` : "",
      h("span", {class: "values"}, values.join(" · ")),
    ];
  }

  function table() {
    return [
      ["id", "member", "start", "end", "score", "living", "beginning", "from"],
      shown.nodes.filter((node) => !node.isStub)
        .map((node) => [node.id,
               node.member,
               node.start,
               node.end,
               node.score,
               node.living,
               node.beginning,
               node.parent?.id]),
    ];
  }

  return {
    turn(next) {
      const isOther = next.dead !== query.dead || next.colour !== query.colour;
      query = {...next};
      if (graph && isOther) arrange();
      inFrame(frame, draw);
    },
    close() {
      loading.close();
      frame.close();
    },
  };
}
