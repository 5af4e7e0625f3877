// How it stands: the best, how far it is, who leads and what was just copied.

import {ask, of} from "../api.js";
import {domain, drawBands, numbered} from "../charts/bands.js";
import {Frame} from "../charts/frame.js";
import {h, inFrame, setText} from "../dom.js";
import {follow} from "../follow.js";
import {count, counted, duration, percent, rate, score} from "../format.js";
import {leaderboard} from "../leaderboard.js";
import {heading, memberLink} from "../parts.js";

/** Sentences that change more often cannot be read. */
const PAUSE = 1000;

export function showNow(host, context) {
  const {live} = context;
  const best = h("strong", {class: "best-score"});
  const bestBy = h("p", {class: "best-by"});
  const quartiles =
    ["upper quartile", "median", "lower quartile", "worst"].map((name) => ({name, value: h("dd")}));
  const bar = h("div",
    {
      class: "progress",
      role: "progressbar",
      "aria-label": "Progress",
      "aria-valuemin": "0",
      "aria-valuemax": "100",
    },
    h("i"));
  const progress = h("p", {class: "progress-text"});
  const figures = h("dl", {class: "figures"});
  const obstacle = h("p", {class: "obstacle", hidden: true});
  const copies = h("ol", {class: "copies"});
  const empty = h("p", {class: "empty", hidden: true});
  const board = leaderboard(context);
  const frame = new Frame({
    label: "The best score and the quartiles over steps",
    height: 210,
    margin: {top: 26, right: 72},
    redraw: drawSpark,
  });
  const cells = new Map();
  let bins = [];
  let copiedAt = -Infinity;

  const picture = h("div", {class: "hero-picture"}, frame.element);
  const copied = h("div", {class: "hero-copies"}, h("p", {class: "label"}, "Just copied"), copies);
  const hero = h("div",
    {class: "hero"},
    h("div",
      {class: "hero-best"},
      h("p", {class: "label"}, "Best ever"),
      best,
      bestBy,
      h("dl", {class: "quartiles"}, quartiles.map(({name, value}) => [h("dt", {}, name), value]))),
    picture,
    copied);
  const opening = h("p", {class: "quiet"}, "Opening …");
  const content = h("div",
    {hidden: true},
    hero,
    empty,
    bar,
    progress,
    obstacle,
    figures,
    heading("Leaderboard", null, board.tools),
    board.element);
  host.append(opening, content);

  const loading = follow(context, {
    host: picture,
    content: frame.element,
    load: (signal) => ask(of(context.population, "scores"), {points: 160}, signal),
    draw(data) {
      bins = numbered(data.bins);
      inFrame(frame, drawSpark);
    },
  });
  const changed = () => inFrame(host, draw);
  live.addEventListener("board", changed);
  live.addEventListener("connection", changed);
  draw();

  function drawSpark() {
    if (!frame.width) return;
    const last = bins.at(-1)?.x ?? 1;
    frame.axes({
      x: {domain: [0, last || 1], kind: "linear", title: "steps", whole: true},
      y: {domain: domain(bins, []), kind: "linear"},
    });
    drawBands(frame, {bins});
  }

  function draw() {
    const now = live.board;
    if (!now) return;
    opening.hidden = true;
    content.hidden = false;
    const {summary} = now;
    host.dataset.committed = now.committed;
    drawBest(now);
    drawProgress(now);
    obstacle.hidden = !summary.obstacle;
    setText(obstacle, summary.obstacle ?? "");
    drawFigures(now);
    if (performance.now() - copiedAt > PAUSE) drawCopies(now.copies ?? []);
    board.take(now);
  }

  function drawBest(now) {
    const {best: leader, summary} = now;
    hero.hidden = !leader;
    empty.hidden = Boolean(leader);
    if (!leader) {
      setText(empty,
        summary.training > 0 ?
          `No member has reported yet; ${
            counted(summary.training, "member is", "members are")} training.` :
          "No member has reported yet, and no worker trains here. murmur work brings some.");
      return;
    }
    setText(best, score(leader.score));
    const said = `${leader.member} ${leader.step}`;
    if (bestBy.dataset.said !== said) {
      bestBy.dataset.said = said;
      bestBy.replaceChildren(
        "member ", memberLink(context, leader.member), ` at step ${count(leader.step)}`);
    }
    const [worst, lower, median, upper] = (summary.quantiles ?? []).map(score);
    [upper, median, lower, worst].forEach(
      (text, index) => setText(quartiles[index].value, text ?? "–"));
  }

  function drawProgress({summary, time_left_seconds: left}) {
    const whole = summary.max_steps ? summary.max_steps * summary.members : 0;
    bar.hidden = !whole;
    const share = whole ? summary.total_steps / whole : 0;
    bar.style.setProperty("--share", Math.min(share, 1));
    bar.setAttribute("aria-valuenow", Math.floor(share * 100));
    const parts =
      [whole ? `${percent(share)} · ${count(summary.total_steps)} of ${count(whole)} steps` :
               counted(summary.total_steps, "step")];
    if (summary.generation)
      parts.push(`generation ${count(summary.generation)}, ${
        count(summary.generation_reported)} of ${count(summary.members)} reported`);
    if (summary.status !== "active")
      parts.push(summary.status);
    else if (whole && share >= 1)
      parts.push("finished");
    else if (left !== undefined && summary.training > 0)
      parts.push(`about ${duration(left)} left`);
    setText(progress, parts.join(" · "));
  }

  function figure(name, value, note) {
    let cell = cells.get(name);
    if (!cell) {
      cell = {value: h("b"), note: h("span")};
      cells.set(name, cell);
      figures.append(h("div", {}, h("dt", {}, name), h("dd", {}, cell.value, cell.note)));
    }
    setText(cell.value, value);
    setText(cell.note, note);
  }

  function drawFigures(now) {
    const {summary} = now;
    const states = [
      [summary.training, "training"],
      [summary.members - summary.training - summary.finished - summary.lost, "waiting"],
      [summary.finished, "finished"],
      [summary.lost, "lost"],
    ];
    figure("Members",
      count(summary.members),
      states.filter(([many]) => many > 0)
        .map(([many, word]) => `${count(many)} ${word}`)
        .join(", "));
    figure("Reports", count(summary.reports), rate(now.reports_per_second));
    figure("Copies", count(summary.exploits), rate(now.exploits_per_second));
    figure("Copied of reports",
      percent(summary.reports ? summary.exploits / summary.reports : 0),
      "since the beginning");
  }

  function drawCopies(list) {
    const newest = list.toSorted((one, other) => other.sequence - one.sequence);
    const key = newest[0]?.sequence ?? "none";
    if (copies.dataset.key === String(key)) return;
    copies.dataset.key = key;
    copiedAt = performance.now();
    copies.replaceChildren(...(newest.length === 0 ?
        [h("li", {class: "quiet"}, "Nobody has copied yet.")] :
        newest.map((copy) => h("li",
                     {},
                     h("p",
                       {class: "who"},
                       memberLink(context, copy.member),
                       h("span", {class: "arrow", "aria-label": "copied"}, " ← "),
                       memberLink(context, copy.donor)),
                     h("p", {class: "why", title: copy.text}, copy.text)))));
  }

  return {
    close() {
      loading.close();
      board.close();
      frame.close();
      live.removeEventListener("board", changed);
      live.removeEventListener("connection", changed);
    },
  };
}
