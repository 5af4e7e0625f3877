// Whether a population still searches: beginnings alive, how often it copies, who copies whom.

import {bars, series} from "../charts/plain.js";
import {h} from "../dom.js";
import {count, counted, percent} from "../format.js";
import {overProgress, panel} from "../panels.js";
import {heading} from "../parts.js";

const COLLAPSED = 0.9;

// Of a few reports a share jumps about: bins are put together until each has enough of them.
function steady(bins) {
  const enough = Math.max(20, bins.reduce((sum, bin) => sum + bin.reports, 0) / 60);
  const points = [];
  let [reports, exploits] = [0, 0];
  for (const bin of bins) {
    reports += bin.reports;
    exploits += bin.exploits;
    if (reports < enough && (bin !== bins.at(-1) || points.length > 0)) continue;
    if (reports > 0) points.push([bin.x, exploits / reports]);
    [reports, exploits] = [0, 0];
  }
  return points;
}

const summed = (bins) => ({
  reports: bins.reduce((sum, bin) => sum + bin.reports, 0),
  exploits: bins.reduce((sum, bin) => sum + bin.exploits, 0),
});

export function showDiversity(host, context) {
  const shown = overProgress(host, context, {what: "diversity", take: tell, draw});
  const verdict = h("p", {class: "note lead"});
  const alive = series({label: "Beginnings alive", isStairs: true, redraw: shown.redraw});
  const share = series({label: "Share of reports that copied", isArea: true, redraw: shown.redraw});
  const ranks =
    bars({label: "Copied from and copied to by rank", isMirror: true, redraw: shown.redraw});
  const donors = bars({label: "Members that were copied most", redraw: shown.redraw});
  const name = (what) => () => `${context.population}-${what}`;
  const rows = (columns, list) => () => [columns,
    (shown.data()?.[list] ?? []).map((row) => columns.map((column) => row[column]))];
  const part = (title, note, chart, what, columns, list) =>
    panel(title, chart.frame, name(what), {note, table: rows(columns, list)});
  const binColumns = ["x", "beginnings_alive", "reports", "exploits", "share"];
  const content = h("div",
    {},
    verdict,
    h("div", {class: "controls"}, shown.axis),
    h("div",
      {class: "panels two"},
      part("Beginnings alive",
        "From which any member still descends.",
        alive,
        "beginnings",
        binColumns,
        "bins"),
      part("Share of reports that copied",
        "High means members seldom train on what is their own.",
        share,
        "copies",
        binColumns,
        "bins"),
      part("Who copies whom, by rank",
        "In tenths from the best: above, how often copied; below, how often copying.",
        ranks,
        "ranks",
        ["decile", "copied_from", "copied_to"],
        "ranks"),
      part("Copied most",
        "Members by how often others took over their state.",
        donors,
        "donors",
        ["donor", "copies"],
        "donors")));
  host.append(heading("Diversity"), content);

  shown.start(content);

  function tell(data) {
    const last = data.bins.at(-1);
    const first = data.bins[0].beginnings_alive;
    const largest = data.largest_family_share ?? 0;
    // Of a long history the bins may leave out the last few.
    const {reports, exploits} = context.live.board?.summary ?? summed(data.bins);
    const isCollapsed = largest >= COLLAPSED && first > 1;
    verdict.replaceChildren(
      h("b",
        {class: isCollapsed ? "warn-text" : ""},
        isCollapsed ? `${
                        largest >= 1 ?
                          "All" :
                          percent(largest) + " of the"} members descend from one beginning.` :
                      `The largest family holds ${percent(largest)} of the members.`),
      ` ${counted(last.beginnings_alive, "beginning is", "beginnings are")} alive. Of ${
        counted(reports,
          "report")} ${count(exploits)} copied, ${percent(reports ? exploits / reports : 0)}.`);
  }

  function draw(data, isTime) {
    const bins = data.bins ?? [];
    const most = Math.max(1, ...bins.map((bin) => bin.beginnings_alive));
    alive.draw(bins.map((bin) => [bin.x, bin.beginnings_alive]),
      {isTime, domain: [0, most * 1.04], whole: true, name: "alive", text: count});
    const shares = steady(bins);
    const highest = Math.max(0.05, ...shares.map(([, part]) => part));
    share.draw(
      shares, {isTime, domain: [0, Math.min(1, highest * 1.1)], name: "copied", text: percent});
    ranks.draw((data.ranks ?? []).map((rank) => ({
      name: rank.decile === 1 ? "best" :
        rank.decile === 10    ? "worst" :
                                String(rank.decile),
      up: rank.copied_from,
      down: rank.copied_to,
    })),
      {up: "were copied", down: "copied"});
    donors.draw((data.donors ?? [])
                  .slice(0, 20)
                  .map((donor) => ({name: String(donor.donor), up: donor.copies, down: 0})),
      {up: "copies", down: ""});
  }

  return {
    turn: shown.turn,
    close() {
      shown.close();
      [alive, share, ranks, donors].forEach((chart) => chart.frame.close());
    },
  };
}
