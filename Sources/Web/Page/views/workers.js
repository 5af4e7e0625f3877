// Who trains: where, for how long silent, and which are slow.

import { ask, of } from "../api.js";
import { h } from "../dom.js";
import { count, counted, clock, duration, general, number, short } from "../format.js";
import { follow } from "../follow.js";
import { heading, memberLink } from "../parts.js";
import { tableButton } from "../save.js";
import { Table } from "../table.js";

const SILENT = 30;

export function showWorkers(host, context) {
  let workers = [];
  let most = 1;
  const note = h("p", { class: "note lead" });
  const table = new Table({ label: "Workers", rows: 22, get: (index) => workers[index], columns: [
    { title: "Worker", width: "minmax(9em, 2fr)", cell: (each) => short(each.worker), csv: (each) => each.worker },
    { title: "Host", width: "minmax(6em, 1fr)", cell: (each) => short(each.host ?? "–"), csv: (each) => each.host },
    { title: "Place", width: "minmax(5em, 1fr)", cell: (each) => short(each.place ?? "–"), csv: (each) => each.place },
    { title: "Member", width: "5em", className: "figure", csv: (each) => each.member, cell: (each) => (each.member === undefined ? "–" : memberLink(context, each.member)) },
    { title: "Since", width: "minmax(5.5em, 1fr)", className: "figure", cell: (each) => clock(each.since), csv: (each) => each.since },
    { title: "Silent", hint: "How long nothing was heard of it", width: "6em", className: "figure", csv: (each) => each.silent_seconds,
      cell: (each) => h("span", { class: number(each.silent_seconds) > SILENT ? "warn-text" : "" }, duration(number(each.silent_seconds))) },
    { title: "A minute", hint: "Reports a minute", width: "minmax(7em, 1.2fr)", className: "figure", csv: (each) => each.reports_per_minute,
      cell: (each) => h("span", { class: "scored" }, h("i", { class: "length", css: { "--at": `${(100 * number(each.reports_per_minute ?? 0)) / most}%` } }), general(number(each.reports_per_minute ?? 0), 3)) },
    { title: "Reports", width: "6em", className: "figure", cell: (each) => count(each.reports), csv: (each) => each.reports },
    { title: "Lapses", hint: "Leases that it lost by its silence", width: "5em", className: "figure", cell: (each) => count(each.lapses), csv: (each) => each.lapses },
    { title: "Declines", hint: "Copies that it could not load", width: "5.4em", className: "figure", cell: (each) => count(each.declines), csv: (each) => each.declines },
    { title: "", width: "4em", cell: (each) => (each.slow ? h("span", { class: "tag" }, "slow") : ""), csv: (each) => (each.slow ? "slow" : "") },
  ] });
  const content = h("div", {}, note, table.element);
  host.append(heading("Workers", null, tableButton(() => `${context.population}-workers`, () => table.content())), content);

  const loading = follow(context, {
    host, content,
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
  const timer = setInterval(() => !document.hidden && loading.again(), 5000);

  function told() {
    if (workers.length === 0) return "No worker trains this population now.";
    const hosts = new Set(workers.map((each) => each.host).filter(Boolean)).size;
    const slow = workers.filter((each) => each.slow).length;
    const silent = workers.filter((each) => number(each.silent_seconds) > SILENT).length;
    return `${counted(workers.length, "worker")}${hosts ? ` on ${counted(hosts, "host")}` : ""}. `
      + (slow ? `${count(slow)} ${slow === 1 ? "is" : "are"} slow. ` : "None is slow. ")
      + (silent ? `${count(silent)} ${silent === 1 ? "has" : "have"} been silent for more than ${SILENT} s.` : "");
  }

  return {
    close() {
      clearInterval(timer);
      loading.close();
      table.close();
    },
  };
}
