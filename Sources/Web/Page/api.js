// What the server is asked, and what went wrong in a sentence.

export class Problem extends Error {
  /** `passing` tells what may be well again by itself from what asking again does not mend. */
  constructor(sentence, {status = 0, passing = false} = {}) {
    super(sentence);
    this.status = status;
    this.passing = passing;
  }
}

const AWAY = "The page's server does not answer. Is murmur web still running?";

/**
 * The JSON at a path below /api, with the given query; what is undefined or empty in it is left
 * out.
 */
export async function ask(path, query = {}, signal = undefined) {
  let answer;
  try {
    answer = await fetch(address(path, query), {signal, credentials: "same-origin"});
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem(AWAY, {passing: true});
  }
  const body = await read(answer);
  if (answer.ok) return body;
  const sentence =
    typeof body?.error === "string" ? body.error : `The server answered ${answer.status}.`;
  throw new Problem(
    sentence, {status: answer.status, passing: answer.status >= 500 || answer.status === 429});
}

async function read(answer) {
  try {
    return await answer.json();
  } catch (error) {
    if (error.name === "AbortError") throw error;
    if (!answer.ok) return null;
    throw new Problem("The server's answer broke off. Trying again.", {passing: true});
  }
}

/** The path to what is asked of one population. */
export function of (population, what) {
  return `populations/${encodeURIComponent(population)}/${what}`;
}

export function address(path, query = {}) {
  const pairs = Object.entries(query).filter(
    ([, value]) => value !== undefined && value !== null && value !== "");
  const text = new URLSearchParams(pairs).toString();
  return `/api/${path}${text ? "?" + text : ""}`;
}
