// Views of several small pictures over steps or time.

import {ask, of} from "./api.js";
import {h, inFrame} from "./dom.js";
import {follow} from "./follow.js";
import {choice} from "./parts.js";
import {pictureButton, tableButton} from "./save.js";

const POINTS = 200;

/** A choice of what the horizontal axis shows. `query` is the view's, and the address has it. */
export function axisChoice(context, query, also = {}) {
  const axis = choice("Horizontal axis",
    [["step", "Steps"], ["time", "Time"]],
    query.by ?? "step",
    (by) => context.go({by: by === "step" ? undefined : by, ...also}));
  axis.take = (next) => axis.set(next.by ?? "step");
  return axis;
}

/**
 * Asks again and again for what a view shows, over steps or time as the address says.
 *
 * @param what the question about the population
 * @param take called with each answer, before `draw` is in a frame
 * @param draw called with the answer, and whether it is over time
 * @returns `axis`, to choose by; `data()`, the last answer or null; `start(content)`, which hides
 *   `content` until there is an answer; and what a view has, `turn` and `close`
 */
export function overProgress(host, context, {what, take, draw}) {
  let query = {...context.query};
  let data = null;
  let loading = null;
  const axis = axisChoice(context, query);
  const redraw = () => data && draw(data, query.by === "time");
  return {
    axis,
    redraw,
    data: () => data,
    start(content) {
      loading = follow(context, {
        host,
        content,
        load: (signal) => ask(of(context.population, what), {by: query.by, points: POINTS}, signal),
        empty: (loaded) => !loaded.bins?.length,
        draw(loaded) {
          data = loaded;
          host.dataset.committed = data.committed;
          take(data);
          inFrame(host, redraw);
        },
      });
    },
    turn(next) {
      const differs = next.by !== query.by;
      query = {...next};
      axis.take(query);
      if (differs) loading.again();
    },
    close: () => loading.close(),
  };
}

/** A small picture with its name, and buttons that save it and, if there is one, its table. */
export function panel(title, frame, name, {note, table} = {}) {
  return h("div",
    {class: "panel-chart"},
    h("div",
      {class: "heading"},
      h("h3", {}, title),
      note ? h("p", {class: "note"}, note) : null,
      h("span",
        {class: "tools"},
        pictureButton(name, frame.svg),
        table ? tableButton(name, table) : null)),
    frame.element);
}
