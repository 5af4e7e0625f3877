// A table of any length, of which only the rows in sight are on the page.

import {h, inFrame} from "./dom.js";

const ROW = 34;
const BEYOND = 6;
const MOST_HEIGHT = 8_000_000;

/**
 * Columns have `title`, `width` (CSS), `cell(row)` (a text or an element), `className`, and
 * `csv(row)` for saving, unless the text is that. `need(from, to)` is called with the rows in
 * sight, and rows with the same `key(row)` look the same.
 */
export class Table {
  count = 0;
  #rows = new Map();
  // Read when they change rather than when rows are drawn, which would lay out the page each time.
  #scrolled = 0;
  #height = 0;

  constructor({label, columns, rows = 14, get, need = () => {}, key}) {
    this.get = get;
    this.need = need;
    this.key = key;
    this.most = rows;
    this.head = h("div", {class: "table-head", role: "row"});
    this.body = h("div", {class: "table-body", role: "rowgroup"});
    this.element = h("div",
      {
        class: "table",
        role: "table",
        "aria-label": label,
        tabindex: "0",
        on: {
          scroll: () => {
            this.#scrolled = this.element.scrollTop;
            inFrame(this, () => this.draw());
          },
        },
      },
      h("div",
        {class: "table-inner"},
        h("div", {role: "rowgroup", class: "table-top"}, this.head),
        this.body));
    this.observer = new ResizeObserver(([entry]) => {
      this.#height = entry.contentRect.height;
      inFrame(this, () => this.draw());
    });
    this.observer.observe(this.element);
    this.setColumns(columns);
  }

  close() { this.observer.disconnect(); }

  setColumns(columns) {
    this.columns = columns;
    this.element.style.setProperty(
      "--columns", columns.map((column) => column.width ?? "minmax(5.5em, 1fr)").join(" "));
    this.head.replaceChildren(...columns.map(
      (column) => h("div",
        {role: "columnheader", class: column.className, title: column.hint ?? column.title},
        column.title)));
    this.#rows.clear();
    this.body.replaceChildren();
    this.draw();
  }

  setCount(count) {
    this.count = count;
    this.element.setAttribute("aria-rowcount", count + 1);
    // Browsers have a longest element; beyond it a pixel stands for more than a pixel.
    this.body.style.setProperty("height", `${Math.min(count * ROW, MOST_HEIGHT)}px`);
    this.element.style.setProperty("--rows", Math.min(count, this.most));
    this.draw();
  }

  /** The rows in sight, from and up to. */
  get sight() {
    const high = Math.max(this.#height, ROW * 4);
    const real = this.count * ROW;
    const shown = Math.min(real, MOST_HEIGHT);
    const share = real > shown && shown > high ? this.#scrolled / (shown - high) : null;
    const top = share === null ? this.#scrolled : share * (real - high);
    const from = Math.max(0, Math.floor(top / ROW) - BEYOND);
    return {
      from,
      to: Math.min(this.count, Math.ceil((top + high) / ROW) + BEYOND),
      shift: this.#scrolled - top,
    };
  }

  draw() {
    const {from, to, shift} = this.sight;
    for (const [index, row] of this.#rows) {
      if (index >= from && index < to) continue;
      row.element.remove();
      this.#rows.delete(index);
    }
    for (let index = from; index < to; index += 1) this.#drawRow(index, shift);
    if (to > from) this.need(from, to);
  }

  #drawRow(index, shift) {
    const value = this.get(index);
    let row = this.#rows.get(index);
    if (!row) {
      row = {
        element: h("div", {class: "table-row", role: "row", "aria-rowindex": index + 2}),
        value: null,
      };
      this.#rows.set(index, row);
      this.body.append(row.element);
    }
    const at = index * ROW + shift;
    if (row.at !== at) row.element.style.setProperty("transform", `translateY(${at}px)`);
    row.at = at;
    // Most rows of a newer board are as they were.
    const seen = value && this.key ? this.key(value) : value;
    if (row.value === seen && seen) return;
    row.value = seen;
    row.element.replaceChildren(...this.columns.map(
      (column) => h(
        "div", {role: "cell", class: column.className}, value ? column.cell(value, index) : "·")));
  }

  /** Draws all rows in sight again, though their values are the same. */
  refresh() {
    for (const row of this.#rows.values()) row.value = null;
    this.draw();
  }

  /** The rows that are known, for a CSV. */
  content() {
    const rows = [];
    for (let index = 0; index < this.count; index += 1) {
      const value = this.get(index);
      if (value)
        rows.push(this.columns.map(
          (column) => column.csv ? column.csv(value) : textOf(column.cell(value, index))));
    }
    return [this.columns.map((column) => column.title), rows];
  }
}

const textOf = (cell) => (cell instanceof Node ? cell.textContent : cell);
