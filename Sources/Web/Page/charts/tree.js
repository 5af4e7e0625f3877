// Who descends from whom as a tree, and where each stretch of training lies in it.

const COLOURS = 8;
const LEAST_FAMILY = 0.04;
/** A beginning with more than this share of the members is shown by its branches. */
const ONE_FOR_ALL = 0.6;

/**
 * Links the nodes of a lineage, and orders them so that no line crosses another: who trained on
 * goes on in the middle, and its copies leave it on both sides.
 *
 * @param graph the lineage of the JSON @param withDead whether what died out has a place
 * @returns `{roots, nodes, living, size}`: the nodes in order, each with `children`, `parent`,
 *   `top` and `size` (its place across, in members), and `middle`
 */
export function tree(graph, withDead) {
  const all = new Map();
  for (const node of graph.nodes) {
    if (!withDead && !(node.living > 0)) continue;
    all.set(
      node.id, {...node, holders: node.holders ?? [], children: [], parent: null, family: null});
  }
  for (const {from, to, kind} of graph.edges) {
    const parent = all.get(from);
    const child = all.get(to);
    if (!parent || !child || child.parent) continue;
    child.parent = parent;
    child.goesOn = kind === "trained";
    parent.children.push(child);
  }
  for (const node of [...all.values()]) branchOff(node, all);
  const roots = [...all.values()].filter((node) => !node.parent);
  const order = inOrder(roots);
  const living = roots.reduce((sum, root) => sum + root.living, 0);
  const dead = order.filter((node) => !node.living && node.children.length === 0).length;
  // What died out takes at most a third of the place of what lives.
  const deadSize = Math.min(0.4, dead ? (0.33 * Math.max(living, 1)) / dead : 0.4);
  measure(order, deadSize);
  let top = 0;
  for (const root of roots) {
    root.top = top;
    top += root.size;
  }
  setPlaces(order);
  return {roots, nodes: order, living, size: Math.max(top, 1)};
}

// Who has a state from which others have gone on already has a short branch of its own.
function branchOff(node, all) {
  if (node.holders.length === 0 || node.children.length === 0) return;
  const now = {
    ...node,
    id: `${node.id} now`,
    start: node.end,
    living: node.holders.length,
    children: [],
    parent: node,
    goesOn: false,
    isStub: true,
  };
  node.holders = [];
  node.children.push(now);
  all.set(now.id, now);
}

// Parents before children; without recursion, since a line of descent may be thousands long.
function inOrder(roots) {
  const order = [];
  const waiting = roots.toReversed();
  while (waiting.length > 0) {
    const node = waiting.pop();
    order.push(node);
    node.children = aroundTheOneThatGoesOn(node.children);
    for (const child of node.children.toReversed()) waiting.push(child);
  }
  return order;
}

function aroundTheOneThatGoesOn(children) {
  const middle = children.filter((child) => child.goesOn);
  const above = [];
  const below = [];
  children.filter((child) => !child.goesOn)
    .forEach((child, index) => (index % 2 ? below.push(child) : above.unshift(child)));
  return [...above, ...middle, ...below];
}

function measure(order, deadSize) {
  for (const node of order.toReversed()) {
    const own = node.holders.length;
    const inner = node.children.reduce((sum, child) => sum + child.size, 0);
    node.size = inner + own || (node.living ? node.living : deadSize);
    // Children that were left out still have their place, as a band that ends.
    if (node.living > 0) node.size = Math.max(node.size, node.living);
  }
}

function setPlaces(order) {
  for (const node of order) {
    const inner = node.children.reduce((sum, child) => sum + child.size, 0);
    let top = node.top + (node.size - inner) / 2;
    for (const child of node.children) {
      child.top = top;
      top += child.size;
    }
  }
  for (const node of order.toReversed()) {
    const alive = node.children.filter((child) => child.living > 0);
    const counted = alive.length ? alive : node.children;
    const weight = (child) => Math.max(child.living, 0.1);
    const sum = counted.reduce((total, child) => total + weight(child), 0);
    node.middle = counted.length ?
      counted.reduce((total, child) => total + child.middle * weight(child), 0) / sum :
      node.top + node.size / 2;
  }
}

/**
 * Divides what lives into at most eight families, that each have one colour: the beginnings, or
 * when most descend from one, its largest branches.
 *
 * @returns `{families: [{node, isBeginning}], isByBeginning}`, and sets `family` of each node
 */
export function families({roots, nodes, living}) {
  const alive = roots.filter((root) => root.living > 0);
  const isByBeginning =
    alive.length > 1 && alive.every((root) => root.living <= living * ONE_FOR_ALL);
  const heads = isByBeginning ? largest(alive, COLOURS) :
                                branches(alive.filter((root) => isLarge(root, living)), living);
  heads.sort((one, other) => one.top - other.top);
  heads.forEach((head, index) => {
    head.family = index;
  });
  for (const node of nodes) {
    if (node.family === null && node.parent)
      node.family = node.parent.family;
    else if (node.family === null && !node.parent && node.living > 0 &&
      (isByBeginning || !isLarge(node, living)))
      node.family = COLOURS;
  }
  return {families: heads, isByBeginning};
}

function largest(list, many) {
  return list.toSorted((one, other) => other.living - one.living).slice(0, many);
}

function branches(alive, living) {
  let heads = alive.slice();
  const done = [];
  while (heads.length > 0 && heads.length + done.length < COLOURS) {
    heads.sort((one, other) => other.living - one.living);
    const head = heads.shift();
    const next = head.children.filter((child) => child.living > 0);
    const isSplit = next.length > 1 || (next.length === 1 && head.holders.length === 0);
    if (!isSplit || next.length + heads.length + done.length > COLOURS) {
      done.push(head);
      continue;
    }
    heads.push(...next);
  }
  return [...done, ...heads].filter((head) => isLarge(head, living));
}

// Of few members each is shown.
const isLarge = (node, living) => node.living >= living * LEAST_FAMILY || living <= 40;

/** A node and those that it comes from, the first one last. */
export function ancestors(node) {
  const path = [];
  for (let each = node; each; each = each.parent) path.push(each);
  return path;
}

/** The node whose state a member has now. */
export function holding({nodes}, member) {
  return nodes.find((node) => node.holders.includes(member)) ?? null;
}
