// What keys do, everywhere; charts have theirs in charts/zoom.js.

import {h} from "./dom.js";
import {build, VIEWS} from "./route.js";

const KEYS = [
  ["1 … 8", "the views, from Now to Best"],
  ["a", "all populations"],
  ["t", "light or dark"],
  ["Esc", "closes a member's story"],
  ["?", "these keys"],
  ["← →", "in a chart: from point to point"],
  ["+ − 0", "in a chart: zoom in, out, show all"],
  ["Shift ← →", "in a zoomed chart: along it"],
  ["← → ↑ ↓", "in the lineage: to what it came from, what came of it, and its neighbours"],
  ["Enter", "in the lineage: the story of the member"],
  ["← →", "side by side: from axis to axis"],
  ["↑ ↓", "side by side: the lower end of what is chosen; with Shift, the upper end"],
  ["0", "side by side: all of the axis"],
];

export function listenToKeys({route, go, leave}) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.target.closest?.("input, select, textarea, dialog")) return;
    const {population} = route();
    const view = VIEWS[Number(event.key) - 1];
    if (view && population)
      go(build({population, view: view[0]}));
    else if (event.key === "a")
      go("#/?all=1");
    else if (event.key === "t")
      document.querySelector("#header [title='Light or dark']").click();
    else if (event.key === "?")
      showKeys();
    else if (event.key === "Escape")
      leave();
    else
      return;
    event.preventDefault();
  });
}

export function showKeys() {
  const rows = KEYS.flatMap(([key, what]) => [h("dt", {}, h("kbd", {}, key)), h("dd", {}, what)]);
  const close = h("button", {class: "plain", on: {click: () => dialog.close()}}, "Close");
  const dialog =
    h("dialog", {"aria-label": "Keys"}, h("h2", {}, "Keys"), h("dl", {class: "keys"}, rows), close);
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
