// Pictures as SVG and tables as CSV, made of what is on the page.

import {h} from "./dom.js";
import {written} from "./format.js";

const DRAWN = [
  "fill",
  "fill-opacity",
  "stroke",
  "stroke-width",
  "stroke-opacity",
  "stroke-dasharray",
  "stroke-linecap",
  "stroke-linejoin",
  "opacity",
  "font-family",
  "font-size",
  "font-weight",
  "font-variant-numeric",
  "text-anchor",
  "dominant-baseline",
  "visibility",
  "paint-order",
];

/** The text of a picture that looks the same without the page's style sheets. */
export function pictureText(svg) {
  const copy = svg.cloneNode(true);
  const originals = [svg, ...svg.querySelectorAll("*")];
  const copies = [copy, ...copy.querySelectorAll("*")];
  originals.forEach((original, index) => {
    const style = getComputedStyle(original);
    for (const property of DRAWN)
      copies[index].setAttribute(property, style.getPropertyValue(property));
    for (const name of ["class", "tabindex", "style", "role"]) copies[index].removeAttribute(name);
  });
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.querySelectorAll("[visibility=hidden]").forEach((element) => element.remove());
  const paper = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  paper.setAttribute("width", "100%");
  paper.setAttribute("height", "100%");
  paper.setAttribute("fill", getComputedStyle(document.body).backgroundColor);
  copy.prepend(paper);
  return `<?xml version="1.0" encoding="UTF-8"?>\n${new XMLSerializer().serializeToString(copy)}\n`;
}

/** Rows as RFC 4180 has them. */
export function tableText(header, rows) {
  return [header, ...rows].map((row) => row.map(field).join(",")).join("\r\n") + "\r\n";
}

function field(value) {
  const text = value === undefined || value === null ? "" : written(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll("\"", "\"\"")}"` : text;
}

export function save(name, type, text) {
  const url = URL.createObjectURL(new Blob([text], {type}));
  const link = h("a", {href: url, download: name});
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}

/** A button that saves a picture. */
export function pictureButton(name, svg) {
  return h("button",
    {
      class: "plain",
      title: "Save the picture as SVG",
      on: {click: () => save(`${name()}.svg`, "image/svg+xml", pictureText(svg))},
    },
    "SVG");
}

/** A button that saves a table; `table()` returns `[header, rows]`. */
export function tableButton(name, table) {
  return h("button",
    {
      class: "plain",
      title: "Save the table as CSV",
      on: {click: () => save(`${name()}.csv`, "text/csv", tableText(...table()))},
    },
    "CSV");
}

/** A button that copies a text, and says so. */
export function copyButton(text, label = "Copy") {
  const button = h("button",
    {
      class: "plain",
      on: {
        click: async () => {
          let answer = "Copied";
          try {
            await navigator.clipboard.writeText(text());
          } catch {
            answer = "The browser lets nobody copy here: select the text instead";
          }
          button.textContent = answer;
          setTimeout(() => {
            button.textContent = label;
          }, 2000);
        },
      },
    },
    label);
  return button;
}
