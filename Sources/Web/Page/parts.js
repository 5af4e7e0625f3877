// Small things that several views show.

import {h} from "./dom.js";
import {hyperparameter, number, written} from "./format.js";

/** A line of choices of which one holds: `[value, text]`. */
export function choice(label, options, value, pick) {
  const buttons = options.map(([each, text]) => h("button",
                                {
                                  role: "radio",
                                  "aria-checked": each === value ? "true" : "false",
                                  on: {click: () => set(each, true)},
                                },
                                text));
  const group = h("span", {class: "choice", role: "radiogroup", "aria-label": label}, buttons);
  function set(wanted, isPicked) {
    options.forEach(([each], index) => buttons[index].setAttribute(
                      "aria-checked", each === wanted ? "true" : "false"));
    if (isPicked) pick(wanted);
  }
  group.set = set;
  return group;
}

/** A switch. */
export function toggle(text, isOn, flip) {
  const button = h("button",
    {
      class: "plain toggle",
      "aria-pressed": isOn ? "true" : "false",
      on: {
        click: () => {
          const next = button.getAttribute("aria-pressed") !== "true";
          button.setAttribute("aria-pressed", String(next));
          flip(next);
        },
      },
    },
    text);
  button.set = (next) => button.setAttribute("aria-pressed", String(next));
  return button;
}

export function picker(label, options, value, pick) {
  const select = h("select", {"aria-label": label, on: {change: () => pick(select.value)}});
  select.setOptions = (next, chosen) => {
    const key = JSON.stringify(next);
    if (select.dataset.key !== key) {
      select.dataset.key = key;
      select.replaceChildren(...next.map(([each, text]) => h("option", {value: each}, text)));
    }
    select.value = chosen;
  };
  select.setOptions(options, value);
  return select;
}

export function heading(text, note, ...tools) {
  return h("div",
    {class: "heading"},
    h("h2", {}, text),
    note ? h("p", {class: "note"}, note) : null,
    h("span", {class: "tools"}, tools));
}

export function memberLink(context, member, text = String(member)) {
  return h("a",
    {
      href: context.link({query: {...context.query, member}}),
      class: "member",
      title: `The story of member ${member}`,
      // The query may have changed since the link was drawn.
      on: {
        click: (event) => {
          event.preventDefault();
          context.go({member}, true);
        },
      },
    },
    text);
}

/** What a dimension can be, when that is no range of numbers. A bool names none. */
export function valuesOf({kind, values}) {
  if (kind === "number" || kind === "integer") return [];
  return values?.length ? values : [false, true];
}

/** Where a value lies in its dimension, from 0 to 1; null when that says nothing. */
export function place(dimension, value) {
  if (!dimension || value === undefined) return null;
  const {kind, min, max, log} = dimension;
  if (kind === "number" || kind === "integer") {
    if (!(max > min)) return null;
    const share = log ? Math.log(value / min) / Math.log(max / min) : (value - min) / (max - min);
    return Math.min(Math.max(share, 0), 1);
  }
  const index = placesOf(dimension).get(written(value));
  const {length} = valuesOf(dimension);
  return index === undefined || length < 2 ? null : index / (length - 1);
}

// Of many values each is looked up for each of many members.
const known = new WeakMap();
function placesOf(dimension) {
  const found = known.get(dimension) ??
    new Map(valuesOf(dimension).map((each, index) => [written(each), index]).reverse());
  known.set(dimension, found);
  return found;
}

/** What lies there in a dimension: the other way round. */
export function valueAt(dimension, share) {
  const {kind, min, max, log} = dimension;
  if (kind === "number" || kind === "integer") {
    const value = log ? min * (max / min) ** share : min + (max - min) * share;
    return kind === "integer" ? Math.round(value) : value;
  }
  const values = valuesOf(dimension);
  return values[Math.round(share * (values.length - 1))];
}

/** A value with a mark of where it lies in its range. */
export function valueCell(dimension, value) {
  const isNumber = dimension?.kind === "number" || dimension?.kind === "integer";
  const share = isNumber && value !== undefined ? place(dimension, number(value)) : null;
  return h("span",
    {class: "value"},
    hyperparameter(value),
    share === null ?
      null :
      h("i",
        {class: "spot", "aria-hidden": "true", css: {"--at": `${(share * 100).toFixed(1)}%`}}));
}

export const STATES = {
  training: "Training",
  waiting: "Waiting",
  finished: "Finished",
  lost: "Lost",
};

export function stateCell(state) {
  return h("span",
    {class: `state state-${Object.hasOwn(STATES, state) ? state : "other"}`},
    String(state));
}
