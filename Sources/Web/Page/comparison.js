// The best of several populations over steps or time, in one picture.

import {ask, of} from "./api.js";
import {numbered} from "./charts/bands.js";
import {walked} from "./charts/crosshair.js";
import {endLabels, Frame} from "./charts/frame.js";
import {familyClass} from "./charts/palette.js";
import {band, line, stairs} from "./charts/path.js";
import {extent, widened} from "./charts/scale.js";
import {h, inFrame, s} from "./dom.js";
import {count, duration, score} from "./format.js";
import {axisChoice} from "./panels.js";
import {heading, toggle} from "./parts.js";
import {pictureButton, tableButton} from "./save.js";

const AGAIN = 5000;

export function comparison(host, context, names, first) {
  let query = {...first};
  let runs = [];
  let timer = 0;
  let closed = false;
  const frame = new Frame({
    label: `The best scores of ${names.join(", ")}`,
    height: 420,
    margin: {right: 128},
    redraw: draw,
  });
  const xs = () => [...new Set(runs.flatMap((run) => run.bins.map((bin) => bin.x)))].sort(
    (one, other) => one - other);
  const pointer = walked(frame, {xs, show: readout});
  const axis = axisChoice(context, query);
  const log =
    toggle("Log axis", query.log === "1", (isOn) => context.go({log: isOn ? "1" : undefined}));
  const note = h("p", {class: "quiet"}, "Loading …");
  const table = h("div", {class: "scroll"});
  host.append(heading("Compared",
                "The best ever of each as a line, its quartiles as a band.",
                pictureButton(() => names.join("-"), frame.svg),
                tableButton(() => names.join("-"), rows)),
    h("div", {class: "controls"}, axis, log),
    note,
    frame.element,
    table);
  load();

  async function load() {
    clearTimeout(timer);
    try {
      const all = await Promise.all(
        names.map((name) => ask(of(name, "scores"), {by: query.by, points: 200})));
      if (closed) return;
      runs = all.map(
        (data, index) =>
          ({name: names[index], bins: numbered(data.bins), copies: data.exploits_total ?? 0}));
      note.hidden = true;
      inFrame(frame, draw);
      drawTable();
    } catch (error) {
      if (closed) return;
      if (error.status === undefined) throw error;
      note.hidden = false;
      note.textContent = error.message;
    }
    timer = setTimeout(() => (document.hidden ? wait() : load()), AGAIN);
  }

  function wait() { timer = setTimeout(() => (document.hidden ? wait() : load()), AGAIN); }

  function draw() {
    if (!frame.width || runs.length === 0) return;
    const isTime = query.by === "time";
    const values =
      runs.flatMap((run) => run.bins.flatMap((bin) => [bin.best_ever, bin.upper, bin.lower]))
        .filter(Number.isFinite);
    const mayBeLog = values.length > 0 && values.every((value) => value > 0);
    log.disabled = !mayBeLog;
    const isLog = query.log === "1" && mayBeLog;
    const last = Math.max(1, ...runs.map((run) => run.bins.at(-1)?.x ?? 0));
    frame.margin.right = frame.isNarrow ? 84 : 128;
    frame.axes({
      x: {
        domain: [0, last],
        kind: isTime ? "time" : "linear",
        title: isTime ? "time" : "steps",
        whole: !isTime,
      },
      y: {
        domain: widened(extent(values) ?? [0, 1], 0.04, isLog),
        kind: isLog ? "log" : "linear",
        title: "score",
      },
    });
    frame.plot.replaceChildren(...runs.flatMap((run, index) => {
      const at = (column) => run.bins.map((bin) => [frame.x(bin.x), frame.y(bin[column])]);
      return [
        s("path", {
          class: `band own ${familyClass(index)}`,
          d: band(run.bins.map((bin) => [frame.x(bin.x), frame.y(bin.upper), frame.y(bin.lower)])),
        }),
        s("path", {class: `line thin ${familyClass(index)}`, d: line(at("median"))}),
        s("path", {class: `line own ${familyClass(index)}`, d: stairs(at("best_ever"))}),
      ];
    }));
    frame.marks.replaceChildren(...endLabels(frame, runs.map((run, index) => ({
      y: frame.y(run.bins.at(-1)?.best_ever ?? NaN),
      className: familyClass(index),
      text: run.name.length > 16 ? run.name.slice(0, 15) + "…" : run.name,
    }))));
    pointer.redraw();
  }

  function at(run, x) { return run.bins.findLast((bin) => bin.x <= x); }

  function readout(index) {
    const all = xs();
    const x = index === null ? all.at(-1) : all[index];
    if (x === undefined) return [];
    return [
      [query.by === "time" ? "after" : "step", query.by === "time" ? duration(x) : count(x)],
      ...runs.map((run, each) => [run.name, score(at(run, x)?.best_ever ?? NaN), familyClass(each)])
    ];
  }

  function rows() {
    return [
      ["population", "x", "best_ever", "upper", "median", "lower", "worst"],
      runs.flatMap(
        (run) => run.bins.map(
          (bin) => [run.name, bin.x, bin.best_ever, bin.upper, bin.median, bin.lower, bin.worst])),
    ];
  }

  function drawTable() {
    const head = [
      "",
      "Best ever",
      "Upper quartile",
      "Median",
      "Worst",
      "Copies",
      query.by === "time" ? "Time" : "Steps",
    ];
    table.replaceChildren(h("table",
      {class: "schedule"},
      h("thead",
        {},
        h("tr",
          {},
          head.map((text, index) => h("th", {scope: "col", class: index ? "figure" : ""}, text)))),
      h("tbody", {}, runs.map((run, index) => {
        const last = run.bins.at(-1);
        const figures = last ?
          [
            score(last.best_ever),
            score(last.upper),
            score(last.median),
            score(last.worst),
            count(run.copies),
            query.by === "time" ? duration(last.x) : count(last.x),
          ] :
          Array(6).fill("–");
        return h("tr",
          {},
          h("th", {scope: "row"}, h("i", {class: `swatch ${familyClass(index)}`}), run.name),
          figures.map((text) => h("td", {class: "figure"}, text)));
      }))));
  }

  return {
    turn(next) {
      const differs = next.by !== query.by;
      query = {...next};
      axis.take(query);
      log.set(query.log === "1");
      if (differs)
        load();
      else
        inFrame(frame, draw);
    },
    close() {
      closed = true;
      clearTimeout(timer);
      frame.close();
    },
  };
}
