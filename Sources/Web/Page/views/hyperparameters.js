// Each hyperparameter over steps, the winner's line in the crowd, and all of them side by side.

import {parallel} from "../charts/parallel.js";
import {numeric, spread} from "../charts/spread.js";
import {h} from "../dom.js";
import {counted, number, percent} from "../format.js";
import {overProgress, panel} from "../panels.js";
import {heading, place} from "../parts.js";
import {pictureButton, tableButton} from "../save.js";

export function showHyperparameters(host, context) {
  let spreads = [];
  let names = "";

  const shown = overProgress(host, context, {what: "hyperparameters", take: arrange, draw});
  const grid = h("div", {class: "panels"});
  const note = h("p", {class: "note lead"});
  const crowd = parallel(context);
  const content = h("div",
    {},
    note,
    h("div",
      {class: "controls"},
      shown.axis,
      h("span",
        {class: "legend"},
        h("i", {class: "swatch winner"}),
        "the best state’s line ",
        h("i", {class: "swatch median"}),
        "median ",
        h("i", {class: "swatch inner"}),
        "quartiles ",
        h("i", {class: "swatch outer"}),
        "all")),
    grid,
    heading("Side by side, now",
      "A line is a member, the better, the stronger. Drag along an axis to choose a range, " +
        "or use the arrow keys.",
      crowd.clear,
      pictureButton(() => `${context.population}-parallel`, crowd.frame.svg),
      tableButton(() => `${context.population}-members`, members)),
    crowd.element);
  host.append(heading("Hyperparameters"), content);

  shown.start(content);

  function arrange(data) {
    const searched = (data.parameters ?? []).filter((parameter) => parameter.kind !== "fixed");
    const key = JSON.stringify(searched);
    if (key === names) return;
    names = key;
    spreads.forEach((each) => each.close());
    spreads = searched.map((parameter) => spread(parameter, shown.redraw));
    grid.replaceChildren(
      ...spreads.map(({parameter, frame}) => panel(parameter.name,
                       frame,
                       () => `${context.population}-${parameter.name.replace(/[^\w.-]+/g, "_")}`)));
  }

  function draw(data, isTime) {
    for (const each of spreads) each.draw(data, isTime);
    crowd.draw(data);
    note.textContent = told(data);
  }

  // How much of each range the middle half of the members takes, now and at first.
  function told(data) {
    const bins = data.bins ?? [];
    const widths = (bin) =>
      spreads.map((each) => each.parameter)
        .filter(numeric)
        .map((parameter) => {
          const row = bin.parameters?.[parameter.name];
          return row ?
            Math.abs(place(parameter, number(row.upper)) - place(parameter, number(row.lower))) :
            NaN;
        })
        .filter(Number.isFinite);
    const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
    const [first, last] = [widths(bins[0]), widths(bins.at(-1))];
    if (first.length === 0 || last.length === 0) return "";
    return `The middle half of the members spreads over ${
             percent(mean(last))} of the numbers’ ranges, ${percent(mean(first))} at first. ` +
      `The winning line is member ${data.winner?.member ?? "–"}’s, through ${
        counted(data.winner?.segments?.length ?? 0, "segment")}.`;
  }

  function members() {
    const data = shown.data();
    const known = (data?.parameters ?? []).map((parameter) => parameter.name);
    return [
      ["rank", "member", "score", ...known],
      (data?.members ?? [])
        .map((each) => [each.rank,
               each.member,
               each.score,
               ...known.map((name) => each.hyperparameters?.[name])]),
    ];
  }

  return {
    turn: shown.turn,
    close() {
      shown.close();
      spreads.forEach((each) => each.close());
      crowd.close();
    },
  };
}
