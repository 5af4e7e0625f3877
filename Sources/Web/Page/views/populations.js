// All populations of a coordinator, and two or more of them compared.

import {comparison} from "../comparison.js";
import {h, inFrame} from "../dom.js";
import {count, counted, percent} from "../format.js";
import {heading} from "../parts.js";
import {build} from "../route.js";

export function showPopulations(host, context) {
  const {live} = context;
  let query = {...context.query};
  let shown = "";
  const cards = h("ul", {class: "cards"});
  const note = h("p", {class: "quiet"}, "Opening …");
  const compared = h("div", {});
  let pictures = null;
  host.append(heading("Populations", "Choose two or more to compare them."), note, cards, compared);

  const changed = () => inFrame(host, draw);
  live.addEventListener("connection", changed);
  draw();

  function chosen() {
    const known = new Set(live.populations.map((each) => each.name));
    return (query.compare ?? "").split(",").filter((name) => known.has(name)).slice(0, 8);
  }

  function draw() {
    const key =
      JSON.stringify([live.populations, query.compare, live.problem, Boolean(live.coordinator)]);
    if (key === shown) return;
    shown = key;
    note.hidden = live.populations.length > 0;
    note.textContent = live.problem ??
      (live.coordinator ? "There is no population yet. murmur create makes one." : "Opening …");
    const names = chosen();
    cards.replaceChildren(...live.populations.map((each) => card(each, names)));
    drawCompared(names);
  }

  function card(population, names) {
    const {name, members, reports, exploits, settings = {}} = population;
    const isChosen = names.includes(name);
    const box = h("input", {
      type: "checkbox",
      checked: isChosen,
      "aria-label": `Compare ${name}`,
      on: {
        change: () => {
          const next = box.checked ? [...names, name] : names.filter((other) => other !== name);
          context.go({compare: next.join(",") || undefined});
        },
      },
    });
    box.checked = isChosen;
    const share = members ? population.finished / members : 0;
    return h("li",
      {class: `card ${isChosen ? "chosen" : ""}`},
      h("div",
        {class: "card-head"},
        h("a", {href: build({population: name, view: "now"})}, name),
        h("label", {class: "check"}, box, " compare")),
      h("p",
        {class: "card-state"},
        population.status === "active" ?
          (population.training > 0 ? `${counted(population.training, "member")} training` :
              population.finished === members && members > 0 ? "Finished" :
                                                               "Waiting for workers") :
          population.status),
      h("dl",
        {class: "figures small"},
        ...[["Members", count(members)],
          ["Reports", count(reports)],
          ["Copies", count(exploits)],
          ["Finished", percent(share)]]
          .map(([term, value]) => h("div", {}, h("dt", {}, term), h("dd", {}, h("b", {}, value))))),
      h("p", {class: "note"}, [
        settings.objective,
        settings.selection,
        settings.max_steps ? `${count(settings.max_steps)} steps` : null,
      ].filter(Boolean).join(" · ")));
  }

  function drawCompared(names) {
    const key = names.join("\n");
    if (pictures?.key === key) return;
    pictures?.close();
    compared.replaceChildren();
    pictures = names.length > 1 ? comparison(compared, context, names, query) : null;
    if (pictures) pictures.key = key;
  }

  return {
    turn(next) {
      const isOther = next.compare !== query.compare;
      query = {...next};
      if (isOther)
        draw();
      else
        pictures?.turn(query);
    },
    close() {
      live.removeEventListener("connection", changed);
      pictures?.close();
    },
  };
}
