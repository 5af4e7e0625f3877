// The line of descent of one node, drawn over the river.

import {s} from "../dom.js";

import {thread} from "./river.js";
import {ancestors} from "./tree.js";

// From the middle of where it comes from, so that the line never breaks.
const joined = (node) => thread({...node, from: node.parent ? node.parent.at : node.at});

export function highlight(frame) {
  const line = s("path", {class: "descent"});
  const end = s("circle", {class: "descent-end", r: 4, visibility: "hidden"});
  const group = s("g", {"clip-path": `url(#${frame.id})`}, line, end);
  frame.over.append(group);
  return {
    show(node) {
      line.setAttribute("d", node ? ancestors(node).map(joined).join("") : "");
      end.setAttribute("visibility", node ? "visible" : "hidden");
      if (!node) return;
      end.setAttribute("cx", node.x1);
      end.setAttribute("cy", node.at);
    },
  };
}
