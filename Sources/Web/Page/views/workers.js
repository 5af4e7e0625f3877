// Who trains: where, for how long silent, and which are slow.

import {ask, of} from "../api.js";
import {h} from "../dom.js";
import {count, counted, clock, duration, general, number, short} from "../format.js";
import {follow} from "../follow.js";
import {heading, memberLink} from "../parts.js";
import {tableButton} from "../save.js";
import {Table} from "../table.js";

const SILENT = 30;

export function showWorkers(host, context) {
  let workers = [];
  let most = 1;
  const note = h("p", {class: "note lead"});
  const table = new Table({
    label: "Workers",
    rows: 22,
    columns: columns(context, () => most),
    get: (index) => workers[index],
  });
  const content = h("div", {}, note, table.element);
  host.append(
    heading(
      "Workers", null, tableButton(() => `${context.population}-workers`, () => table.content())),
    content);

  const loading = follow(context, {
    host,
    content,
    load: (signal) => ask(of(context.population, "workers"), {}, signal),
    draw(data) {
      workers = data.workers ?? [];
      if (data.committed !== undefined) host.dataset.committed = data.committed;
      most = Math.max(...workers.map((each) => number(each.reports_per_minute ?? 0)), 1e-9);
      note.textContent = told();
      table.element.hidden = workers.length === 0;
      table.setCount(workers.length);
      table.refresh();
    },
  });

  // Silence grows while nothing happens, so it is asked for then too.
  const timer = setInterval(() => !document.hidden && loading.refresh(), 5000);

  function told() {
    if (workers.length === 0) return "No worker trains this population now.";
    const hosts = new Set(workers.map((each) => each.host).filter(Boolean)).size;
    const slow = workers.filter((each) => each.slow).length;
    const silent = workers.filter((each) => number(each.silent_seconds) > SILENT).length;
    return `${counted(workers.length, "worker")}${hosts ? ` on ${counted(hosts, "host")}` : ""}. ` +
      (slow ? `${count(slow)} ${slow === 1 ? "is" : "are"} slow. ` : "None is slow. ") +
      (silent ? `${count(silent)} ${silent === 1 ? "has" : "have"} been silent for more than ${
                  SILENT} s.` :
                "");
  }

  return {
    close() {
      clearInterval(timer);
      loading.close();
      table.close();
    },
  };
}

function columns(context, most) {
  const text = (title, key, width) =>
    ({title, width, cell: (each) => short(each[key] ?? "–"), csv: (each) => each[key]});
  const figure = (title, key, width, cell, hint) =>
    ({title, hint, width, className: "figure", cell, csv: (each) => each[key]});
  const counts = (title, key, width, hint) =>
    figure(title, key, width, (each) => count(each[key]), hint);
  return [
    text("Worker", "worker", "minmax(9em, 2fr)"),
    text("Host", "host", "minmax(6em, 1fr)"),
    text("Place", "place", "minmax(5em, 1fr)"),
    figure("Member",
      "member",
      "5em",
      (each) => (each.member === undefined ? "–" : memberLink(context, each.member))),
    figure("Since", "since", "minmax(5.5em, 1fr)", (each) => clock(each.since)),
    figure("Silent", "silent_seconds", "6em", silence, "How long nothing was heard of it"),
    figure("A minute",
      "reports_per_minute",
      "minmax(7em, 1.2fr)",
      (each) => pace(each, most()),
      "Reports a minute"),
    counts("Reports", "reports", "6em"),
    counts("Lapses", "lapses", "5em", "Leases that it lost by its silence"),
    counts("Declines", "declines", "5.4em", "Copies that it could not load"),
    {
      title: "",
      width: "4em",
      cell: (each) => (each.slow ? h("span", {class: "tag"}, "slow") : ""),
      csv: (each) => (each.slow ? "slow" : ""),
    },
  ];
}

function silence(each) {
  const seconds = number(each.silent_seconds);
  return h("span", {class: seconds > SILENT ? "warn-text" : ""}, duration(seconds));
}

function pace(each, most) {
  const perMinute = number(each.reports_per_minute ?? 0);
  const bar = h("i", {class: "length", css: {"--at": `${(100 * perMinute) / most}%`}});
  return h("span", {class: "scored"}, bar, general(perMinute, 3));
}
