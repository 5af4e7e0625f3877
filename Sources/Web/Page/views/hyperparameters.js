// Each hyperparameter over steps, the winner's line in the crowd, and all of them side by side.

import {ask, of} from "../api.js";
import {parallel} from "../charts/parallel.js";
import {numeric, spread} from "../charts/spread.js";
import {h, inFrame} from "../dom.js";
import {follow} from "../follow.js";
import {counted, hyperparameter, number, percent} from "../format.js";
import {choice, heading, place} from "../parts.js";
import {pictureButton, tableButton} from "../save.js";

export function showHyperparameters(host, context) {
  let query = {...context.query};
  let data = null;
  let panels = [];
  let names = "";

  const axis = choice("Horizontal axis",
    [["step", "Steps"], ["time", "Time"]],
    query.by ?? "step",
    (by) => context.go({by: by === "step" ? undefined : by}));
  const grid = h("div", {class: "panels"});
  const note = h("p", {class: "note lead"});
  const crowd = parallel(context, () => `${context.population}-parallel`);
  const content = h("div",
    {},
    note,
    h("div",
      {class: "controls"},
      axis,
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
      "A line is a member, the better, the stronger. Drag along an axis to choose a range.",
      crowd.clear,
      pictureButton(() => `${context.population}-parallel`, crowd.frame.svg),
      tableButton(() => `${context.population}-members`, members)),
    crowd.element);
  host.append(heading("Hyperparameters"), content);

  const loading = follow(context, {
    host,
    content,
    load: (signal) =>
      ask(of(context.population, "hyperparameters"), {by: query.by, points: 200}, signal),
    empty: (loaded) => !loaded.bins?.length,
    draw(loaded) {
      data = loaded;
      host.dataset.committed = data.committed;
      arrange();
      inFrame(host, draw);
    },
  });

  function arrange() {
    const searched = (data.parameters ?? []).filter((parameter) => parameter.kind !== "fixed");
    const key = JSON.stringify(searched);
    if (key === names) return;
    names = key;
    panels.forEach((panel) => panel.close());
    panels = searched.map((parameter) => spread(parameter, () => draw()));
    grid.replaceChildren(...panels.map(
      (panel) => h("div",
        {class: "panel-chart"},
        h("div",
          {class: "panel-head"},
          h("h3", {}, panel.parameter.name),
          panel.now,
          h("span",
            {class: "tools"},
            pictureButton(
              () => `${context.population}-${panel.parameter.name.replace(/[^\w.-]+/g, "_")}`,
              panel.frame.svg))),
        panel.frame.element)));
  }

  function draw() {
    if (!data) return;
    const isTime = query.by === "time";
    for (const panel of panels) panel.draw(data, isTime);
    crowd.draw(data);
    note.textContent = told();
  }

  // How much of each range the middle half of the members takes, now and at first.
  function told() {
    const bins = data.bins ?? [];
    const widths = (bin) =>
      panels.map((panel) => panel.parameter)
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
    turn(next) {
      const differs = next.by !== query.by;
      query = {...next};
      axis.set(query.by ?? "step");
      if (differs) loading.again();
    },
    close() {
      loading.close();
      panels.forEach((panel) => panel.close());
      crowd.close();
    },
  };
}
