// Loads what a view shows, again when there is more of it, and says what is missing and why.

import {h} from "./dom.js";

const SOONEST = 1000;
const QUIET_FOR = 250;
const LONGEST_WAIT = 15000;

/**
 * Loads and draws, and does so again after the journal grew: not before a second has passed, nor
 * before three times what the last load took, so that a slow server is not asked ever more.
 *
 * @param context the view's; its `live` says when there is more
 * @param host where the state of loading stands, before `content`
 * @param content what is hidden until there is something to show
 * @param empty whether there is nothing to show yet
 */
export function follow(context, {host, content, load, draw, empty = () => false}) {
  const note = h("p", {class: "quiet", role: "status", hidden: true});
  host.insertBefore(note, content);
  let controller = null;
  let timer = 0;
  let drawn = false;
  let isBusy = false;
  let isDirty = false;
  let wait = SOONEST;
  let closed = false;

  async function run() {
    clearTimeout(timer);
    isBusy = true;
    isDirty = false;
    controller = new AbortController();
    const {signal} = controller;
    const began = performance.now();
    const slow = setTimeout(() => !drawn && say("Loading …"), QUIET_FOR);
    try {
      const data = await load(signal);
      if (closed || signal.aborted) return;
      const isEmpty = empty(data);
      if (!isEmpty) draw(data);
      drawn = true;
      content.hidden = isEmpty;
      note.hidden = !isEmpty;
      if (isEmpty) note.textContent = "No member has reported yet.";
      wait = SOONEST;
      // An answer may be a second old.
      if (data.committed < context.live.committed) isDirty = true;
      finish(Math.max(SOONEST, 3 * (performance.now() - began)));
    } catch (error) {
      if (closed || signal.aborted) return;
      if (error.status === undefined) throw error;
      failed(error);
    } finally {
      clearTimeout(slow);
    }
  }

  function finish(pause) {
    timer = setTimeout(() => {
      isBusy = false;
      if (isDirty && !document.hidden) run();
    }, pause);
  }

  function failed(error) {
    note.replaceChildren(
      // What is not there yet is no fault.
      h("span", {class: error.status === 404 ? "" : "bad-text"}, error.message),
      " ",
      h("button", {class: "plain", on: {click: again}}, "Try again"));
    note.hidden = false;
    if (!drawn) content.hidden = true;
    isBusy = false;
    if (!error.passing) return;
    timer = setTimeout(run, wait);
    wait = Math.min(wait * 2, LONGEST_WAIT);
  }

  function say(text) {
    note.textContent = text;
    note.hidden = false;
  }

  function advance() {
    isDirty = true;
    if (!isBusy && !document.hidden) run();
  }

  /** Loads at once, for instance because something else is asked for now. */
  function again() {
    controller?.abort();
    return run();
  }

  const seen = () => !document.hidden && isDirty && !isBusy && run();
  context.live.addEventListener("advance", advance);
  context.live.addEventListener("reload", again);
  document.addEventListener("visibilitychange", seen);
  if (!drawn) content.hidden = true;
  run();

  return {
    again,
    /** The same when nothing is being loaded already: what is slow would otherwise never arrive. */
    refresh: () => !isBusy && run(),
    close() {
      closed = true;
      clearTimeout(timer);
      controller?.abort();
      context.live.removeEventListener("advance", advance);
      context.live.removeEventListener("reload", again);
      document.removeEventListener("visibilitychange", seen);
    },
  };
}
