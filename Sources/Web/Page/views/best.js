// The best state that a population ever had, how it came about, and how to use it.

import {ask, of} from "../api.js";
import {h} from "../dom.js";
import {follow} from "../follow.js";
import {count, hyperparameter, score} from "../format.js";
import {heading, memberLink} from "../parts.js";
import {copyButton, tableButton} from "../save.js";
import {scheduleRows, scheduleTable} from "../schedule.js";

export function showBest(host, context) {
  let schedule = null;
  let shown = "";
  const facts = h("dl", {class: "facts"});
  const uses = h("div", {class: "uses"});
  const table = h("div", {});
  const content = h("div",
    {},
    facts,
    uses,
    heading("Its schedule",
      "Which hyperparameters, over which steps, led to it.",
      tableButton(() => `${context.population}-schedule`, () => scheduleRows(schedule)),
      copyButton(() => JSON.stringify(schedule, null, 2), "Copy as JSON")),
    table);
  host.append(heading("Best state"), content);

  const loading = follow(context, {
    host,
    content,
    async load(signal) {
      const best = await ask(of(context.population, "best"), {}, signal);
      return {
        best,
        committed: best.committed,
        schedule: await ask(of(context.population, "schedule"), {}, signal),
      };
    },
    draw(loaded) {
      // Nothing is drawn anew while nothing differs, so that what a reader has marked stays so.
      const key = JSON.stringify(loaded);
      if (key === shown) return;
      shown = key;
      schedule = loaded.schedule;
      drawBest(loaded.best);
      table.replaceChildren(scheduleTable(context, schedule));
    },
  });

  function drawBest(best) {
    if (best.committed !== undefined) host.dataset.committed = best.committed;
    const fact = (name, ...value) => h("div", {}, h("dt", {}, name), h("dd", {}, value));
    facts.replaceChildren(h("div",
                            {class: "first"},
                            h("dt", {}, "Score"),
                            h("dd", {}, h("strong", {class: "best-score"}, score(best.score)))),
      fact("Member", memberLink(context, best.member)),
      fact("Step", count(best.step)),
      ...Object.entries(best.hyperparameters ?? {}).map(([name,
        value]) => fact(name, hyperparameter(value))));
    uses.replaceChildren(...[["Checkpoint", best.checkpoint],
      ["Command", best.command],
      ["Hyperparameters", JSON.stringify(best.hyperparameters ?? {})]]
        .filter(([, text]) => text)
        .map(([name, text]) => h("div",
               {class: "use"},
               h("span", {class: "label"}, name),
               h("code", {tabindex: "0"}, String(text)),
               copyButton(() => String(text)))));
  }

  return {close: () => loading.close()};
}
