// A schedule as a table: the hyperparameters over steps along one line of descent.

import {h} from "./dom.js";
import {count, hyperparameter} from "./format.js";
import {memberLink, place} from "./parts.js";

/** The header and rows of its CSV. */
export function scheduleRows(schedule) {
  const names = schedule.hyperparameters ?? [];
  return [
    ["start", "end", "member", ...names.map((name) => `hyperparameter.${name}`)],
    (schedule.segments ?? [])
      .map((segment) => [segment.start,
             segment.end,
             segment.member,
             ...names.map((name) => segment.hyperparameters?.[name])]),
  ];
}

export function scheduleTable(context, schedule) {
  const names = schedule.hyperparameters ?? [];
  const space =
    context.live.populations.find((each) => each.name === context.population)?.space ?? [];
  const dimensionOf = (name) => space.find((each) => each.name === name);
  const last = schedule.segments?.at(-1)?.end || 1;
  return h("div",
    {class: "scroll"},
    h("table",
      {class: "schedule"},
      h("thead",
        {},
        h("tr",
          {},
          h("th", {scope: "col"}, "Steps"),
          h("th", {scope: "col", class: "span-head"}, ""),
          h("th", {scope: "col", class: "figure"}, "Member"),
          names.map((name) => h("th", {scope: "col", class: "figure"}, name)))),
      h("tbody",
        {},
        (schedule.segments ?? [])
          .map((segment, index, all) => h("tr",
                 {},
                 h("th",
                   {scope: "row", class: "figure steps"},
                   `${count(segment.start)}–${count(segment.end)}`),
                 h("td", {class: "span"}, h("i", {
                   css: {
                     "--from": `${(100 * segment.start) / last}%`,
                     "--to": `${(100 * (last - segment.end)) / last}%`,
                   },
                 })),
                 h("td", {class: "figure"}, memberLink(context, segment.member)),
                 names.map((name) => valueAt(dimensionOf(name),
                             segment.hyperparameters?.[name],
                             all[index - 1]?.hyperparameters?.[name])))))));
}

// What changed since the segment before stands out.
function valueAt(dimension, value, before) {
  const isChanged = before !== undefined && before !== value;
  const share = dimension ? place(dimension, value) : null;
  return h("td",
    {class: `figure ${isChanged ? "changed" : ""}`},
    hyperparameter(value),
    share === null ? null : h("i", {class: "spot", css: {"--at": `${(100 * share).toFixed(1)}%`}}));
}
