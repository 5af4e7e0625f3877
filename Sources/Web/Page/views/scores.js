// Scores, or another metric, over steps or time.

import {ask, of} from "../api.js";
import {domain, drawBands, mayBeLog, numbered} from "../charts/bands.js";
import {crosshair} from "../charts/crosshair.js";
import {Frame} from "../charts/frame.js";
import {zooming} from "../charts/zoom.js";
import {h, inFrame} from "../dom.js";
import {follow} from "../follow.js";
import {count, counted, duration, score} from "../format.js";
import {axisChoice} from "../panels.js";
import {heading, picker, toggle} from "../parts.js";
import {pictureButton, tableButton} from "../save.js";

const MOST_MEMBERS = 8;

export function showScores(host, context) {
  let query = {...context.query};
  let data = null;
  let bins = [];
  let lines = [];
  let whole = null;
  let wholeBy = null;

  const frame = new Frame(
    {label: "Scores", height: Math.max(320, Math.min(560, innerHeight - 320)), redraw: draw});
  const pointer = crosshair(frame, {xs: () => bins.map((bin) => bin.x), show: readout});
  const zoom = zooming(frame, {
    whole: () => whole,
    get: () => frame.x.domain,
    step: (by) => pointer.step(by),
    set: (range) => context.go({from: range?.[0], to: range?.[1]}),
  });

  const axis = axisChoice(context, query, {from: undefined, to: undefined});
  const metric = picker("Metric",
    [["score", "score"]],
    "score",
    (name) => context.go({metric: name === "score" ? undefined : name}));
  const log =
    toggle("Log axis", query.log === "1", (isOn) => context.go({log: isOn ? "1" : undefined}));
  const all = toggle(
    "Whole range", query.whole === "1", (isOn) => context.go({whole: isOn ? "1" : undefined}));
  const members = h("input", {
    class: "members",
    inputmode: "numeric",
    placeholder: "0, 3, 7",
    "aria-label": "Members to draw",
    on: {change: () => context.go({lines: wanted(members.value).join(",") || undefined})},
  });
  const top = h("button",
    {class: "plain", on: {click: () => context.go({lines: best().join(",") || undefined})}},
    "Best 3");
  const note = h("p", {class: "note under"});

  const content = h("div",
    {},
    h("div",
      {class: "controls"},
      axis,
      metric,
      log,
      all,
      h("label", {class: "field"}, "Members ", members),
      top,
      zoom),
    frame.element,
    note);
  host.append(heading("Scores",
                null,
                pictureButton(() => `${context.population}-scores`, frame.svg),
                tableButton(() => `${context.population}-scores`, table)),
    content);

  const loading = follow(context, {
    host,
    content,
    load,
    empty: ({scores}) => !scores.bins?.length && !query.from && !query.to,
    draw: (loaded) => {
      take(loaded);
      inFrame(frame, draw);
    },
  });

  function wanted(text) {
    return [...new Set((text ?? "").split(/[^0-9]+/).filter(Boolean).map(Number))].slice(
      0, MOST_MEMBERS);
  }

  function best() {
    return (context.live.board?.entries ?? []).slice(0, 3).map((entry) => entry.member);
  }

  async function load(signal) {
    const {by, metric: name, from, to} = query;
    const asked = {by, metric: name, from, to};
    const chosen = wanted(query.lines);
    const [scores, own] = await Promise.all([
      ask(of(context.population, "scores"), {...asked, points: 400}, signal),
      chosen.length ? ask(of(context.population, "lines"),
                        {by, metric: name, members: chosen.join(","), points: 400},
                        signal) :
                      {lines: []},
    ]);
    return {scores, own: own.lines ?? [], committed: scores.committed};
  }

  function take({scores, own}) {
    data = scores;
    bins = numbered(scores.bins);
    lines = own;
    const isZoomed = query.from || query.to;
    if (!isZoomed && bins.length)
      whole = [Math.min(0, bins[0].x), bins.at(-1).x];
    else if (!whole || wholeBy !== data.by)
      whole = [data.from ?? 0, data.to ?? 1];
    wholeBy = data.by;
    host.dataset.committed = data.committed;
    metric.setOptions([...new Set(["score", ...(data.metrics ?? [])])].map((each) => [each, each]),
      query.metric ?? "score");
  }

  function draw() {
    if (!data || !frame.width) return;
    // What is there is of another axis or metric until the answer comes.
    if (data.by !== (query.by ?? "step") || data.metric !== (query.metric ?? "score")) return;
    const isTime = query.by === "time";
    const isLog = query.log === "1" && mayBeLog(bins);
    log.disabled = !mayBeLog(bins);
    log.title = log.disabled ? "Not all of these are above zero" : "";
    const range = query.from || query.to ?
      [Number(query.from ?? whole[0]), Number(query.to ?? whole[1])] :
      whole;
    frame.axes({
      x: {
        domain: range[1] > range[0] ? range : [range[0], range[0] + 1],
        kind: isTime ? "time" : "linear",
        title: isTime ? "time" : "steps",
        whole: !isTime,
      },
      y: {
        domain: domain(bins, lines, {isLog, isWhole: query.whole === "1"}),
        kind: isLog ? "log" : "linear",
        title: query.metric ?? "score",
      },
    });
    drawBands(frame, {bins, lines, exploits: data.exploits ?? []});
    const shown = data.exploits?.length ?? 0;
    note.textContent = bins.length === 0 ?
      "Nothing was reported in this range." :
      `${counted(data.exploits_total ?? shown, "copy", "copies")}, ${
        shown < (data.exploits_total ?? shown) ?
          `${count(shown)} of them marked` :
          "each marked"} with a dot where the member stood.` +
        (lines.length ?
            " A member’s line breaks where it copied, and goes on from its donor’s step." :
            "");
    pointer.redraw();
  }

  function readout(index) {
    const bin = index === null ? bins.at(-1) : bins[index];
    if (!bin) return [];
    const at = query.by === "time" ? duration(bin.x) : count(bin.x);
    return [
      [query.by === "time" ? "after" : "step", at],
      ["best ever", score(bin.best_ever), "of-ever"],
      ["best", score(bin.best)],
      ["quartiles", `${score(bin.upper)} … ${score(bin.lower)}`],
      ["median", score(bin.median), "of-median"],
      ["worst", score(bin.worst), "of-worst"],
      ["reports", count(bin.count)],
    ];
  }

  function table() {
    const columns = ["x", "count", "best_ever", "best", "upper", "median", "lower", "worst"];
    return [
      [query.by === "time" ? "seconds" : "step", ...columns.slice(1)],
      bins.map((bin) => columns.map((column) => bin[column])),
    ];
  }

  function show() {
    axis.take(query);
    log.set(query.log === "1");
    all.set(query.whole === "1");
    members.value = wanted(query.lines).join(", ");
  }
  show();

  return {
    turn(next) {
      const differs =
        ["by", "metric", "from", "to", "lines"].some((key) => next[key] !== query[key]);
      query = {...next};
      show();
      if (differs) loading.again();
      inFrame(frame, draw);
    },
    close() {
      loading.close();
      frame.close();
    },
  };
}
