// Everything that happened, newest first, as it happens.

import {ask, of} from "../api.js";
import {h, inFrame} from "../dom.js";
import {clock, count, counted, short} from "../format.js";
import {heading, memberLink, picker} from "../parts.js";

/** As the history has them. */
export const KINDS = [
  "created",
  "leased",
  "reported",
  "exploited",
  "declined",
  "released",
  "removed",
  "paused",
  "resumed",
  "ended",
  "changed",
  "generation_closed",
];
const PAGE = 100;
const LONGEST = 600;
/** More rows than this would make the page slow; the address and the CSV have the rest. */
const MOST = 2000;
const NEWEST = 100;
const PAUSE = 500;

export function showEvents(host, context) {
  const {live} = context;
  let query = {...context.query};
  let rows = [];
  let waiting = [];
  let skipped = 0;
  let isMore = false;
  let isLoading = false;
  let soon = 0;
  let controller = new AbortController();

  const kind = picker("Kind",
    [["", "everything"], ...KINDS.map((each) => [each, each.replaceAll("_", " ")])],
    query.event ?? "",
    (value) => context.go({event: value || undefined}));
  const member = h("input", {
    class: "members",
    inputmode: "numeric",
    placeholder: "any",
    "aria-label": "Only this member",
    on: {
      change: () =>
        context.go({member: /^\d+$/.test(member.value.trim()) ? member.value.trim() : undefined}),
    },
  });
  const fresh = h("button", {
    class: "fresh",
    hidden: true,
    on: {
      click: () => {
        takeIn();
        window.scrollTo({top: 0});
      },
    },
  });
  const list = h("ol", {class: "feed", "aria-label": "Events"});
  const note = h("p", {class: "quiet", role: "status"});
  const older = h("button",
    {class: "plain", hidden: true, on: {click: () => load(rows.at(-1)?.event.sequence)}},
    "Older");
  host.append(heading("Events",
                null,
                h("a",
                  {
                    class: "plain",
                    href: `/api/${of(context.population, "export/history.csv")}`,
                    download: "",
                    title: "All reports as CSV",
                  },
                  "Reports as CSV")),
    h("div",
      {class: "controls"},
      h("label", {class: "field"}, "Show ", kind),
      h("label", {class: "field"}, "of member ", member)),
    fresh,
    list,
    note,
    older);
  const sight = new IntersectionObserver(([entry]) => entry.isIntersecting && isMore &&
      !isLoading && rows.length < MOST && load(rows.at(-1)?.event.sequence));
  sight.observe(older);

  const told = (event) => {
    const matching =
      event.detail.events.filter((each) => (!query.event || each.event === query.event) &&
          (!query.member || String(each.member) === query.member));
    skipped += event.detail.skipped ?? 0;
    if (matching.length === 0 && !event.detail.skipped) return;
    waiting.push(...matching);
    if (waiting.length > NEWEST) {
      skipped += waiting.length - NEWEST;
      waiting = waiting.slice(-NEWEST);
    }
    inFrame(host, drawWaiting);
  };
  live.addEventListener("events", told);
  live.addEventListener("reload", begin);
  begin();

  function begin() {
    controller.abort();
    controller = new AbortController();
    rows = [];
    clearTimeout(soon);
    soon = 0;
    waiting = [];
    skipped = 0;
    list.replaceChildren();
    kind.value = query.event ?? "";
    member.value = query.member ?? "";
    drawWaiting();
    load();
  }

  async function load(before) {
    isLoading = true;
    older.hidden = true;
    note.hidden = false;
    note.textContent = rows.length ? "Loading older events …" : "Loading …";
    const {signal} = controller;
    try {
      const data = await ask(of(context.population, "events"),
        {before, limit: PAGE, event: query.event, member: query.member},
        signal);
      if (signal.aborted) return;
      const known = new Set(rows.map((row) => row.event.sequence));
      for (const event of data.events ?? [])
        if (!known.has(event.sequence)) append(event);
      if (before === undefined) host.dataset.committed = data.committed;
      isMore = Boolean(data.more);
      older.hidden = !isMore || rows.length >= MOST;
      note.textContent = rows.length === 0 ? "Nothing of this kind has happened." :
        isMore ? (rows.length >= MOST ? `The newest ${count(MOST)} are shown.` : "") :
                 "That is all, from the beginning.";
      note.hidden = note.textContent === "";
    } catch (error) {
      if (signal.aborted) return;
      if (error.status === undefined) throw error;
      note.replaceChildren(h("span", {class: "bad-text"}, error.message),
        " ",
        h("button", {class: "plain", on: {click: () => load(before)}}, "Try again"));
    } finally {
      isLoading = false;
    }
  }

  // The column of times is as wide as they are: with the date, or without.
  function append(event) {
    if (clock(event.time).length > 8) list.classList.add("has-dates");
    const row = {event, element: element(event)};
    rows.push(row);
    list.append(row.element);
  }

  function element(event) {
    return h("li",
      {
        class: `event event-${KINDS.includes(event.event) ? event.event : "other"} ${
          event.exploit ? "is-copy" : ""}`,
      },
      h("time", {datetime: event.time, title: event.time}, clock(event.time)),
      h("span",
        {class: "event-member"},
        event.member === undefined ? "–" : memberLink(context, event.member)),
      h("span", {class: "event-kind"}, String(event.event).replaceAll("_", " ")),
      h("span", {class: "event-text"}, short(event.text, LONGEST)),
      h("span",
        {class: "event-sequence", title: "Its sequence in the journal"},
        count(event.sequence)));
  }

  // Whoever reads below the top is not moved; a line says how many are waiting.
  function drawWaiting() {
    if (waiting.length > 0 && window.scrollY < 40) {
      soon ||= setTimeout(takeIn, PAUSE);
      return;
    }
    fresh.hidden = waiting.length === 0;
    fresh.textContent = counted(waiting.length + skipped, "new event");
  }

  function takeIn() {
    clearTimeout(soon);
    soon = 0;
    const known = new Set(rows.map((row) => row.event.sequence));
    const added = waiting.filter((event) => !known.has(event.sequence))
                    .toReversed()
                    .map((event) => ({event, element: element(event)}));
    waiting = [];
    fresh.hidden = true;
    if (added.length === 0) return;
    if (skipped > 0) {
      // What was too much to be told is loaded below these, so that there is no gap.
      rows = added;
      list.replaceChildren(...added.map((row) => row.element));
      isMore = true;
      older.hidden = false;
    } else {
      list.prepend(...added.map((row) => row.element));
      rows = [...added, ...rows];
      for (const row of rows.splice(MOST)) row.element.remove();
    }
    skipped = 0;
    host.dataset.committed = rows[0].event.sequence;
    if (note.textContent.startsWith("Nothing")) note.hidden = true;
  }

  return {
    turn(next) {
      query = {...next};
      begin();
    },
    close() {
      controller.abort();
      clearTimeout(soon);
      sight.disconnect();
      live.removeEventListener("events", told);
      live.removeEventListener("reload", begin);
    },
  };
}
