// The lineage as a river: steps go to the right, a band is as wide as many members descend from it.

import {s} from "../dom.js";
import {count, score} from "../format.js";

import {endLabels} from "./frame.js";
import {familyClass, ramp} from "./palette.js";

const SHADES = 24;
const LEAST = 0.45;
const WIDEST_LEAF = 10;
const STUB = 16;

/** How wide bands are: `widths(living)` in pixels, for members that are `slot` pixels apart. */
export function widths(living, slot, height) {
  const leaf = Math.min(Math.max(slot * 0.6, LEAST), WIDEST_LEAF);
  const trunk = Math.max(leaf, Math.min(height * 0.17, leaf * living * 0.6));
  // Less than in proportion, so that the trunk of a thousand leaves them room.
  const power = living > 1 ? Math.min(1, Math.log(trunk / leaf) / Math.log(living)) : 1;
  return (many) => (many > 0 ? leaf * many ** power : 1);
}

/**
 * Gives each node its place in pixels: `x0` to `x1`, its middle `at`, its width `wide`, and its
 * bend.
 */
export function lay(tree, frame) {
  const {x, y} = frame;
  const {top, bottom} = frame.inner;
  const slot = Math.abs(y(1) - y(0));
  const width = widths(tree.living, slot, bottom - top);
  for (const node of tree.nodes) {
    node.x0 = x(node.start);
    node.x1 = x(node.end) + (node.isStub ? STUB : 0);
    node.at = y(node.middle);
    node.wide = width(node.living);
    node.from = node.at;
    node.wideFrom = node.wide;
  }
  for (const node of tree.nodes) leave(node);
  for (const node of tree.nodes) {
    node.bend = node.parent ?
      Math.min((node.x1 - node.x0) * 0.85, 10 + Math.abs(node.at - node.from) * 0.55, 110) :
      0;
  }
  return slot;
}

// Where children leave their parent's band: one below the other, each with its share.
function leave(node) {
  const alive = node.children.filter((child) => child.living > 0);
  const sum = Math.max(node.living, alive.reduce((total, child) => total + child.living, 0), 1);
  let top =
    node.at - (node.wide * alive.reduce((total, child) => total + child.living, 0)) / sum / 2;
  for (const child of alive) {
    child.wideFrom = (node.wide * child.living) / sum;
    child.from = top + child.wideFrom / 2;
    top += child.wideFrom;
  }
  for (const child of node.children) {
    if (child.living > 0) continue;
    child.from = node.at + Math.sign(child.middle - node.middle) * node.wide * 0.4;
    child.wideFrom = 1;
  }
}

const round = (value) => Math.round(value * 10) / 10;

function ribbon({x0, x1, at, from, wide, wideFrom, bend}) {
  const turn = x0 + bend;
  const mid = (x0 + turn) / 2;
  const [a, b, c, d] =
    [from - wideFrom / 2, at - wide / 2, at + wide / 2, from + wideFrom / 2].map(round);
  const [l, m, t, r] = [x0, mid, turn, x1 + 0.4].map(round);
  return `M${l} ${a}C${m} ${a} ${m} ${b} ${t} ${b}H${r}V${c}H${t}C${m} ${c} ${m} ${d} ${l} ${d}Z`;
}

export function thread({x0, x1, at, from, bend}) {
  const mid = round(x0 + bend / 2);
  return `M${round(x0)} ${round(from)}C${mid} ${round(from)} ${mid} ${round(at)} ${
    round(x0 + bend)} ${round(at)}H${round(x1)}`;
}

/** @param colour `null` for families, or a share between 0 and 1 for a node */
export function drawRiver(frame, tree, colour) {
  const {left, right, top, bottom} = frame.inner;
  const groups = new Map();
  let dead = "";
  for (const node of tree.nodes) {
    const reach = node.wide / 2 + 2;
    const low = Math.min(node.at, node.from) - reach;
    const high = Math.max(node.at, node.from) + reach;
    node.isSeen = node.x1 >= left && node.x0 <= right && high >= top && low <= bottom;
    if (!node.isSeen) continue;
    if (!(node.living > 0)) {
      dead += thread(node);
      continue;
    }
    const key = groupOf(node, colour);
    groups.set(key, (groups.get(key) ?? "") + ribbon(node));
  }
  frame.plot.replaceChildren(s("path", {class: "dead", d: dead}),
    ...[...groups].map(([key, d]) => (typeof key === "number" ?
                           s("path", {class: "ribbon", fill: ramp(key / SHADES), d}) :
                           s("path", {class: `ribbon ${key}`, d}))));
}

function groupOf(node, colour) {
  if (!colour) return node.family === null ? "trunk" : familyClass(node.family);
  const share = colour(node);
  return Number.isFinite(share) ? Math.round(share * SHADES) : "family-other";
}

/** Names of members where there is room, and of families otherwise. */
export function drawNames(frame, tree, {families, isByBeginning, slot, byFamily}) {
  const {left, right, top, bottom} = frame.inner;
  const isRoomy = slot >= 12.5;
  const texts = [];
  const ends = [];
  for (const node of tree.nodes) {
    if (!node.isSeen || !(node.living > 0)) continue;
    const family = byFamily ? (node.family === null ? "trunk" : familyClass(node.family)) : "";
    if (isRoomy && node.holders.length > 0 && node.x1 <= right + STUB + 1 && node.at > top - 4 &&
      node.at < bottom + 4) {
      ends.push(nameOfLeaf(node, family, right));
    }
    const isNew = !node.parent || node.parent.member !== node.member;
    const room = node.x1 - Math.max(node.x0 + node.bend, left);
    if (slot >= 20 && isNew && room > 26) {
      texts.push(s("text",
        {
          class: "hand",
          x: round(Math.max(node.x0 + node.bend, left) + 3),
          y: round(node.at - node.wide / 2 - 4),
        },
        String(node.member)));
    }
  }
  if (!isRoomy) {
    const seen = families.filter((head) => head.living > 0).map((head) => ({
      y: frame.y(middleOfLeaves(head)),
      className: byFamily ? familyClass(head.family) : "",
      text:
        `${count(head.living)} from ${isByBeginning ? head.beginning ?? head.member : head.member}`,
    }));
    ends.push(...endLabels(frame, seen.filter((label) => label.y >= top && label.y <= bottom)));
  }
  frame.marks.replaceChildren(...texts, ...ends);
}

const middleOfLeaves = (head) => head.top + head.size / 2;

function nameOfLeaf(node, family, right) {
  const x = Math.min(node.x1, right + STUB) + 8;
  return s("text",
    {class: "end leaf", x, y: round(node.at), dy: "0.32em"},
    s("tspan", {class: `leaf-member ${family}`}, node.holders.join(", ")),
    s("tspan", {class: "leaf-score", dx: 7}, score(node.score)));
}

/** The node under a pixel; the narrowest when several are near. */
export function nodeAt(tree, px, py) {
  let found = null;
  let nearest = Infinity;
  for (const node of tree.nodes) {
    if (!node.isSeen || px < node.x0 - 2 || px > node.x1 + 3) continue;
    const share = node.bend > 0 ? Math.min(1, (px - node.x0) / node.bend) : 1;
    const eased = share * share * (3 - 2 * share);
    const at = node.from + (node.at - node.from) * eased;
    const wide = node.wideFrom + (node.wide - node.wideFrom) * eased;
    const away = Math.max(0, Math.abs(py - at) - wide / 2);
    if (away < 7 && (away < nearest || (away === nearest && node.wide < found.wide))) {
      nearest = away;
      found = node;
    }
  }
  return found;
}
