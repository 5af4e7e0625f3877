// The line above each view: which population, whether it is live, and the other views.

import {h, setText} from "./dom.js";
import {clock} from "./format.js";
import {showKeys} from "./keys.js";
import {build, VIEWS} from "./route.js";

export class Header {
  #route = null;
  #live = null;
  #names = "";

  constructor(element, notice) {
    this.notice = notice;
    this.picker = h("select", {"aria-label": "Population", on: {change: () => this.#pick()}});
    this.dot = h("span", {class: "dot", "aria-hidden": "true"});
    this.status = h("span", {class: "status-text"});
    this.nav = h("nav", {"aria-label": "Views"});
    const theme = h("button",
      {
        class: "icon",
        title: "Light or dark",
        "aria-label": "Light or dark",
        on: {click: switchTheme},
      },
      "◐");
    const keys =
      h("button", {class: "icon", title: "Keys", "aria-label": "Keys", on: {click: showKeys}}, "?");
    element.append(h("div",
                     {class: "bar"},
                     h("a",
                       {class: "brand", href: "#/?all=1", title: "All populations"},
                       h("img", {src: "/assets/icon.svg", alt: "", width: "22", height: "22"}),
                       h("span", {}, "murmur")),
                     this.picker,
                     h("span", {class: "status", role: "status"}, this.dot, this.status),
                     h("span", {class: "buttons"}, theme, keys)),
      this.nav);
  }

  turn(route, live) {
    this.#route = route;
    if (live !== this.#live) {
      this.#live = live;
      for (const what of ["connection", "board"]) live.addEventListener(what, () => this.#draw());
    }
    this.nav.hidden = !route.population;
    this.nav.replaceChildren(...VIEWS.map(([view, title]) => h("a",
                                            {
                                              href: build({population: route.population, view}),
                                              "aria-current": view === route.view && "page",
                                            },
                                            title)));
    const current = this.nav.querySelector("[aria-current]");
    if (current) this.nav.scrollLeft = current.offsetLeft - 24;
    this.#draw();
  }

  #pick() {
    location.hash = this.picker.value ?
      build({population: this.picker.value, view: this.#route.view}) :
      "#/?all=1";
  }

  #draw() {
    this.#choices();
    const {connection, coordinator, board, problem} = this.#live;
    const asOf = board?.time ? `as of ${clock(board.time)}` : "";
    const state = this.#state(connection, coordinator);
    this.dot.className = `dot ${state.className}`;
    setText(this.status, [state.text, asOf].filter(Boolean).join(" · "));
    this.#notify(connection, coordinator, problem, asOf);
  }

  #state(connection, coordinator) {
    if (!this.#route.population)
      return coordinator?.live ? {className: "good", text: "Live"} :
                                 {className: "", text: coordinator ? "Not running" : ""};
    if (connection === "lost") return {className: "bad", text: "No connection"};
    if (connection === "connecting" || !coordinator) return {className: "", text: "Connecting"};
    return coordinator.live ? {className: "good", text: "Live"} :
                              {className: "", text: "Not running"};
  }

  #notify(connection, coordinator, problem, asOf) {
    const texts = [];
    const isKnown = this.#live.populations.some((each) => each.name === this.#route.population);
    if (connection === "lost" && isKnown) {
      texts.push(`The connection to the page's server is broken${
        asOf ? `; this is ${asOf}` : ""}. Trying again.`);
    }
    if (problem) texts.push(problem);
    if (this.#live.populations.find((each) => each.name === this.#route.population)?.loading) {
      texts.push("Its history is still being read: pictures show what has been read so far.");
    }
    if (coordinator && !coordinator.live) {
      const since = coordinator.since ? ` since ${clock(coordinator.since)}` : "";
      texts.push(`The coordinator has not answered${since}${asOf ? `; this is ${asOf}` : ""}.`);
    }
    if (coordinator?.problem) texts.push(coordinator.problem);
    const text = [...new Set(texts)].join(" ");
    if (this.notice.dataset.text === text) return;
    this.notice.dataset.text = text;
    this.notice.replaceChildren(...(text ?
        [h("p",
          {class: connection === "lost" || problem ? "bad" : "calm"},
          text,
          " ",
          connection === "lost" ?
            h("button", {class: "plain", on: {click: () => this.#live.open()}}, "Try now") :
            null)] :
        []));
  }

  #choices() {
    const populations = this.#live.populations.map((each) => each.name);
    const mine = this.#route.population;
    if (mine && !populations.includes(mine)) populations.push(mine);
    const names = JSON.stringify([populations, mine]);
    if (names === this.#names) return;
    this.#names = names;
    this.picker.replaceChildren(h("option", {value: "", selected: !mine}, "All populations"),
      ...populations.map((name) => h("option", {value: name, selected: name === mine}, name)));
    this.picker.value = mine;
  }
}

function switchTheme() {
  const root = document.documentElement;
  const isDark = root.dataset.theme ? root.dataset.theme === "dark" :
                                      matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = isDark ? "light" : "dark";
  try {
    localStorage.setItem("theme", root.dataset.theme);
  } catch {
    // Then it holds until the page is left.
  }
  window.dispatchEvent(new Event("theme"));
}
