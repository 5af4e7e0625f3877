// What happened, in a sentence, where the server gives none.

import {count, hyperparameter, score, short} from "./format.js";

const REASONS = {
  switched: "Its worker went to another member.",
  left: "Its worker left.",
  lapsed: "Its worker was silent for too long.",
  finished: "It has finished.",
  removed: "It was removed.",
  paused: "The population was paused.",
  ended: "The population was ended.",
  generation: "It waits for its generation.",
};

export function sentence(event) {
  if (event.text) return short(event.text, 600);
  const say = SENTENCES[event.event];
  return say ? say(event) : "";
}

const values = (hyperparameters) =>
  Object.entries(hyperparameters ?? {})
    .slice(0, 8)
    .map(([name, value]) => `${short(name, 30)} ${hyperparameter(value)}`)
    .join(", ");

const SENTENCES = {
  created: (event) => `Made with ${values(event.hyperparameters)}.`,
  leased: (event) => `Leased to ${short(event.worker)}.`,
  reported: (event) => `Scored ${score(event.score)} at step ${count(event.step)}${
    event.exploit ? `, and copied member ${event.exploit.donor}` : ""}.`,
  exploited: (event) =>
    `Copied member ${event.exploit?.donor} as generation ${event.generation} closed.`,
  declined: (event) => `Could not load what it was given: ${short(event.reason, 300)}`,
  released: (event) => REASONS[event.reason] ?? `Released: ${short(event.reason)}.`,
  removed: () => "Removed.",
  paused: () => "The population was paused.",
  resumed: () => "The population went on.",
  ended: () => "The population was ended.",
  changed: () => "Settings were changed.",
  generation_closed: (event) => `Generation ${count(event.generation)} closed with ${
    count(event.reported)} reports${event.by_deadline ? ", by its deadline" : ""}.`,
};
