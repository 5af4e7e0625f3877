// Puts together what an address names: the stream of one population, the header and a view.

import {h} from "./dom.js";
import {Header} from "./header.js";
import {listenToKeys} from "./keys.js";
import {Live} from "./live.js";
import {memberPanel} from "./panel.js";
import {build, parse, VIEWS} from "./route.js";
import {showBest} from "./views/best.js";
import {showDiversity} from "./views/diversity.js";
import {showEvents} from "./views/events.js";
import {showHyperparameters} from "./views/hyperparameters.js";
import {showLineage} from "./views/lineage.js";
import {showNow} from "./views/now.js";
import {showPopulations} from "./views/populations.js";
import {showScores} from "./views/scores.js";
import {showWorkers} from "./views/workers.js";

const SHOW = {
  now: showNow,
  scores: showScores,
  lineage: showLineage,
  hyperparameters: showHyperparameters,
  workers: showWorkers,
  diversity: showDiversity,
  events: showEvents,
  best: showBest,
};

const main = document.getElementById("view");
const side = document.getElementById("panel");
const page = document.getElementById("page");
let route = parse(location.hash);
let live = null;
let view = null;
let panel = null;
const header = new Header(document.getElementById("header"), document.getElementById("notice"));

/** Changes the query of the address; without `isStep`, going back does not undo it. */
function go(changes, isStep = false) {
  const hash = build({...route, query: {...route.query, ...changes}});
  if (hash === location.hash) return;
  if (isStep) {
    location.hash = hash;
    return;
  }
  history.replaceState(null, "", hash);
  turn();
}

function context() {
  return {
    population: route.population,
    live,
    query: route.query,
    go,
    link: (to) => build({...route, query: {}, ...to}),
  };
}

function turn() {
  const next = parse(location.hash);
  const isOther = next.population !== route.population || !live;
  const isOtherView = isOther || next.view !== route.view || !view;
  route = next;
  if (isOther) connect();
  if (isOtherView)
    showView();
  else
    view.turn?.(route.query);
  header.turn(route, live);
  showPanel();
}

function connect() {
  live?.close();
  view?.close();
  view = null;
  live = new Live(route.population);
  live.addEventListener("connection", arrived);
  live.open();
  live.look();
}

// With one population there is nothing to choose; and of one that is not there, nothing to show.
function arrived() {
  const isKnown = !route.population || !live.coordinator ||
    live.populations.some((each) => each.name === route.population);
  if (!isKnown && view !== null) {
    view.close();
    view = null;
    main.replaceChildren(h("p",
      {class: "empty"},
      `There is no population “${route.population}” here. `,
      h("a", {href: "#/?all=1"}, "All populations")));
  } else if (isKnown && view === null) {
    showView();
  }
  if (!route.population && live.populations.length === 1 && !route.query.all) {
    location.replace(build({population: live.populations[0].name, view: "now"}));
  }
}

function showView() {
  view?.close();
  const title = VIEWS.find(([name]) => name === route.view)[1];
  document.title = route.population ? `${route.population} · ${title} · murmur` : "murmur";
  const element = h("section", {
    class: `view view-${route.population ? route.view : "populations"}`,
    "aria-label": route.population ? title : "Populations",
  });
  main.replaceChildren(element);
  view = (route.population ? SHOW[route.view] : showPopulations)(element, context());
  window.scrollTo(0, 0);
}

function showPanel() {
  const member =
    /^\d+$/.test(route.query.member ?? "") && route.population && route.view !== "events" ?
    Number(route.query.member) :
    null;
  if (panel && panel.member === member && panel.live === live) return;
  panel?.close();
  panel = null;
  side.hidden = member === null;
  page.classList.toggle("with-panel", member !== null);
  if (member === null) return;
  panel = memberPanel(side, context(), member);
}

window.addEventListener("hashchange", turn);
listenToKeys({
  route: () => route,
  go: (address) => {
    location.hash = address;
  },
  leave: () => go({member: undefined}, true),
});
turn();
