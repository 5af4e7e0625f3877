// A member's story, beside whatever is shown: its scores, its schedule, and why it copied.

import {ask, of} from "./api.js";
import {Frame} from "./charts/frame.js";
import {line} from "./charts/path.js";
import {extent, widened} from "./charts/scale.js";
import {h, inFrame, s} from "./dom.js";
import {follow} from "./follow.js";
import {counted, hyperparameter, number, score} from "./format.js";
import {copyButton, tableButton} from "./save.js";
import {scheduleRows, scheduleTable} from "./schedule.js";

export function memberPanel(host, context, member) {
  let data = null;
  let shown = "";
  const frame = new Frame({
    label: `Scores of member ${member} over steps`,
    height: 190,
    margin: {top: 12, right: 22, left: 56, bottom: 30},
    redraw: draw,
  });
  frame.svg.removeAttribute("tabindex");
  const note = h("p", {class: "note"});
  const values = h("dl", {class: "facts small"});
  const schedule = h("div", {});
  const story = h("ol", {class: "story", reversed: true});
  const close = h("button",
    {
      class: "icon",
      title: "Close (Esc)",
      "aria-label": "Close",
      on: {click: () => context.go({member: undefined}, true)},
    },
    "×");
  const content = h("div",
    {},
    note,
    frame.element,
    values,
    h("div",
      {class: "heading"},
      h("h3", {}, "Schedule"),
      h("span",
        {class: "tools"},
        tableButton(
          () => `${context.population}-${member}-schedule`, () => scheduleRows(data.schedule)),
        copyButton(() => JSON.stringify(data.schedule, null, 2), "JSON"))),
    schedule,
    h("h3", {}, "Story"),
    story);
  const box = h("div",
    {class: "panel-inner"},
    h("div", {class: "panel-title"}, h("h2", {}, `Member ${member}`), close),
    content);
  host.setAttribute("aria-label", `Member ${member}`);
  host.replaceChildren(box);
  host.scrollTop = 0;

  const loading = follow(context, {
    host: box,
    content,
    load: (signal) => ask(of(context.population, `members/${member}`), {}, signal),
    draw(loaded) {
      const key = JSON.stringify(loaded);
      if (key === shown) return;
      shown = key;
      data = loaded;
      drawTexts();
      inFrame(frame, draw);
    },
  });

  function drawTexts() {
    const own = (data.points ?? []).filter((point) => !point.exploit);
    const copies = (data.points ?? []).filter((point) => point.exploit).length;
    const last = own.at(-1);
    note.textContent = last ?
      `${counted(own.length, "report")}, ${counted(copies, "copy", "copies")}. It last scored ${
        score(last.score)} at step ${last.step}.` :
      "It has not reported yet.";
    values.replaceChildren(...Object.entries(data.hyperparameters ?? {}).map(([name,
      value]) => h("div", {}, h("dt", {}, name), h("dd", {}, hyperparameter(value)))));
    schedule.replaceChildren(data.schedule?.segments?.length ?
        scheduleTable(context, data.schedule) :
        h("p", {class: "quiet"}, "None yet."));
    story.replaceChildren(
      ...(data.story ?? []).toReversed().map((sentence) => h("li", {}, sentence)));
  }

  // Its line breaks where it copied, and goes on from its donor's step.
  function draw() {
    if (!data || !frame.width) return;
    const points = data.points ?? [];
    const steps = extent(points.map((point) => point.step)) ?? [0, 1];
    const scores = extent(points.map((point) => number(point.score))) ?? [0, 1];
    frame.axes({
      x: {domain: [0, steps[1] || 1], kind: "linear", whole: true},
      y: {domain: widened(scores), kind: "linear"},
    });
    const own = [];
    const jumps = [];
    points.forEach((point, index) => {
      const at = [frame.x(point.step), frame.y(number(point.score))];
      if (point.exploit) {
        const before = points[index - 1];
        if (before) jumps.push([frame.x(before.step), frame.y(number(before.score))], at, null);
        own.push(null);
      }
      own.push(at);
    });
    frame.plot.replaceChildren(s("path", {class: "jump", d: line(jumps)}),
      s("path", {class: "line ever", d: line(own)}),
      ...points.filter((point) => point.exploit)
        .map(
          (point) => s("circle",
            {class: "landing", r: 2.6, cx: frame.x(point.step), cy: frame.y(number(point.score))},
            s("title", {}, `copied member ${point.donor} at step ${point.step}`))));
  }

  return {
    member,
    live: context.live,
    close() {
      loading.close();
      frame.close();
      host.replaceChildren();
    },
  };
}
