// The leaderboard of any length: the first rows come with each board, the others when scrolled to.

import {ask, of} from "./api.js";
import {h, inFrame} from "./dom.js";
import {count, number, score} from "./format.js";
import {memberLink, stateCell, toggle, valueCell} from "./parts.js";
import {tableButton} from "./save.js";
import {Table} from "./table.js";

const PAGE = 100;
const SOONEST = 1000;
const PAUSE = 300;
const FEW = 6;

export function leaderboard(context) {
  const pages = new Map();
  let dimensions = [];
  let areAll = false;
  let shown = null;
  let names = "";
  let asked = 0;
  let isAsking = false;
  let closed = false;
  let timer = 0;
  let range = [];
  let soon = 0;
  let drawn = -Infinity;

  const table = new Table({
    label: "Leaderboard",
    columns: columns(),
    rows: 16,
    need,
    key,
    get: (index) => pages.get(Math.floor(index / PAGE))?.entries[index % PAGE],
  });
  const more = toggle("All hyperparameters", false, (isOn) => {
    areAll = isOn;
    table.setColumns(columns());
  });
  more.hidden = true;

  function columns() {
    const known = dimensions.filter((dimension) => dimension.kind !== "fixed");
    const some = areAll ? known : known.slice(0, FEW);
    return [
      {title: "Rank", width: "3.6em", className: "figure", cell: (entry) => count(entry.rank)},
      {
        title: "Member",
        width: "4.6em",
        className: "figure",
        cell: (entry) => memberLink(context, entry.member),
        csv: (entry) => entry.member,
      },
      {
        title: "Score",
        width: "minmax(6.5em, 13em)",
        className: "figure strong",
        csv: (entry) => entry.score,
        cell: (entry) => h("span",
          {
            class: "scored",
            title: entry.inherited ? "Its donor's: it has not reported since it copied" : "",
          },
          h("i", {
            class: "length",
            "aria-hidden": "true",
            css: {"--at": `${(standing(entry) * 100).toFixed(1)}%`},
          }),
          score(entry.score),
          entry.inherited ? "*" : ""),
      },
      {
        title: "Step",
        width: "4.5em",
        className: "figure",
        cell: (entry) => count(entry.step),
        csv: (entry) => entry.step,
      },
      {title: "State", width: "6em", cell: (entry) => stateCell(entry.state)},
      {
        title: "Donor",
        width: "4.2em",
        className: "figure",
        csv: (entry) => entry.donor,
        cell: (entry) => (entry.donor === undefined ? "–" : memberLink(context, entry.donor)),
      },
      ...some.map((dimension) => ({
        title: dimension.name,
        className: "figure",
        width: "minmax(6.2em, 13em)",
        csv: (entry) => entry.hyperparameters?.[dimension.name],
        cell: (entry) => valueCell(dimension, entry.hyperparameters?.[dimension.name]),
      })),
    ];
  }

  function key({rank, member, step, score: value, state, donor, inherited, ...entry}) {
    return [
      rank,
      member,
      step,
      value,
      state,
      donor,
      inherited,
      Math.round(standing({...entry, score: value}) * 50),
    ].join(" ");
  }

  function standing(entry) {
    const [low, high] = range;
    const share = (number(entry.score) - low) / (high - low);
    return Number.isFinite(share) ? Math.min(Math.max(share, 0), 1) : 0;
  }

  function take(board) {
    shown = board;
    const quantiles = (board.summary.quantiles ?? []).map(number);
    range = board.minimize ? [quantiles[1] + (quantiles[1] - quantiles[4]) * 0.2, quantiles[4]] :
                             [quantiles[1] - (quantiles[4] - quantiles[1]) * 0.2, quantiles[4]];
    const mine = context.live.populations.find((each) => each.name === context.population);
    const key = mine ? mine.space.map((dimension) => dimension.name).join("\n") : "";
    if (key !== names) {
      names = key;
      dimensions = mine.space;
      more.hidden = dimensions.filter((dimension) => dimension.kind !== "fixed").length <= FEW;
      table.setColumns(columns());
    }
    if (board.offset === 0 || board.offset === undefined)
      pages.set(0, {entries: board.entries ?? [], committed: board.committed});
    if (table.count !== board.summary.ranked) table.setCount(board.summary.ranked);
    drawSoon();
  }

  // Nobody reads rows that change ten times a second.
  function drawSoon() {
    if (soon || closed) return;
    soon = setTimeout(() => {
      soon = 0;
      inFrame(table, () => table.draw());
    }, Math.max(0, drawn + PAUSE - performance.now()));
    drawn = Math.max(performance.now(), drawn + PAUSE);
  }

  // The pages in sight, the oldest of them first, and at most one request at a time and a second.
  function need(from, to) {
    if (!shown || isAsking || closed) return;
    for (let page = Math.floor(from / PAGE); page <= Math.floor((to - 1) / PAGE); page += 1) {
      const known = pages.get(page);
      if (page * PAGE >= table.count || (known && known.committed >= shown.committed)) continue;
      // The first page comes by itself.
      if (page === 0 && known) continue;
      load(page, known ? SOONEST : 0);
      return;
    }
  }

  async function load(page, after) {
    isAsking = true;
    const wait = Math.max(0, asked + after - performance.now());
    await new Promise((resolve) => {
      timer = setTimeout(resolve, wait);
    });
    asked = performance.now();
    try {
      const board = await ask(of(context.population, "board"), {offset: page * PAGE, limit: PAGE});
      if (pages.size > 40) pages.clear();
      pages.set(page, {entries: board.entries ?? [], committed: board.committed});
    } catch (error) {
      if (error.status === undefined) throw error;
      // The header says what is wrong; these rows stay empty until the next board comes.
      asked = performance.now() + SOONEST;
    }
    isAsking = false;
    if (!closed) inFrame(table, () => table.draw());
  }

  return {
    element: table.element,
    tools: [
      more,
      tableButton(() => `${context.population}-leaderboard`, () => table.content()),
      h("a",
        {
          class: "plain",
          href: `/api/${of(context.population, "export/leaderboard.csv")}`,
          download: "",
          title: "All rows as CSV",
        },
        "All as CSV"),
    ],
    take,
    close() {
      closed = true;
      clearTimeout(timer);
      clearTimeout(soon);
      table.close();
    },
  };
}
