// Choosing ranges on upright axes, with the pointer or the keyboard.

import {announce} from "../dom.js";

const STEP = 0.05;
const LEAST = 0.01;
/** How near to an axis the pointer is on it. */
const NEAR = 12;

/**
 * @param frame what is dragged over
 * @param options `axes()` each have a `name`, `text(share)` and, when there are only some values on
 *   them, the `step` between two; `xOf(index)` is where one stands, `changed()` is called with each
 *   other choice, and `told()` says how much is chosen
 * @returns `ranges`, `[low, high]` by axis as shares of its height, and the axis that keys change
 */
export function brushing(frame, {axes, xOf, changed, told}) {
  const ranges = new Map();
  let current = null;
  let drag = null;

  const shareAt = (event) => {
    const {top, bottom} = frame.inner;
    const y = event.clientY - frame.svg.getBoundingClientRect().top;
    return clamped((bottom - y) / (bottom - top));
  };

  function set(index, low, high) {
    if (low <= 0 && high >= 1)
      ranges.delete(index);
    else
      ranges.set(index, [low, high]);
    changed();
  }

  frame.svg.addEventListener("pointerdown", (event) => {
    const x = event.clientX - frame.svg.getBoundingClientRect().left;
    const index = axes().findIndex((_, each) => Math.abs(xOf(each) - x) < NEAR);
    if (index < 0) return;
    drag = {index, from: shareAt(event)};
    frame.svg.setPointerCapture(event.pointerId);
  });
  frame.svg.addEventListener("pointermove", (event) => {
    if (!drag) return;
    const to = shareAt(event);
    if (Math.abs(to - drag.from) > LEAST)
      set(drag.index, Math.min(drag.from, to), Math.max(drag.from, to));
  });
  frame.svg.addEventListener("pointerup", (event) => {
    // A click on an axis chooses all of it again.
    if (drag && Math.abs(shareAt(event) - drag.from) <= LEAST) set(drag.index, 0, 1);
    drag = null;
  });
  frame.svg.addEventListener("blur", () => {
    current = null;
    changed();
  });

  // Without Shift the lower end moves, and with it the upper one.
  function move(way, isUpper) {
    if (current === null) return;
    const step = axes()[current].step ?? STEP;
    const [low, high] = ranges.get(current) ?? [0, 1];
    const near = (share) => clamped(Math.round(share / step) * step);
    if (isUpper)
      set(current, low, Math.max(low, near(high + way * step)));
    else
      set(current, Math.min(high, near(low + way * step)), high);
  }

  function go(way) {
    const last = axes().length - 1;
    current = current === null ? (way > 0 ? 0 : last) : Math.min(Math.max(current + way, 0), last);
    changed();
  }

  frame.svg.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || axes().length === 0) return;
    const actions = {
      ArrowLeft: () => go(-1),
      ArrowRight: () => go(1),
      ArrowUp: () => move(1, event.shiftKey),
      ArrowDown: () => move(-1, event.shiftKey),
      0: () => current !== null && set(current, 0, 1),
    };
    if (!Object.hasOwn(actions, event.key)) return;
    event.preventDefault();
    actions[event.key]();
    if (current !== null) say();
  });

  function say() {
    const axis = axes()[current];
    const [low, high] = ranges.get(current) ?? [0, 1];
    announce(`${axis.name} from ${axis.text(low)} to ${axis.text(high)}, ${told()}`);
  }

  return {
    ranges,
    current: () => current,
    isDragged: () => drag !== null,
    clear() {
      ranges.clear();
      changed();
    },
  };
}

const clamped = (share) => Math.min(1, Math.max(0, share));
