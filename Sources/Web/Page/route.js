// Addresses: #/POPULATION/VIEW?key=value, so that what one sees can be shared and gone back to.

export const VIEWS = [
  ["now", "Now"],
  ["scores", "Scores"],
  ["lineage", "Lineage"],
  ["hyperparameters", "Hyperparameters"],
  ["workers", "Workers"],
  ["diversity", "Diversity"],
  ["events", "Events"],
  ["best", "Best"],
];

/** @returns {{population: string, view: string, query: Object<string, string>}} */
export function parse(hash) {
  const [path, search = ""] = hash.replace(/^#\/?/, "").split("?", 2);
  const [population = "", view = ""] = path.split("/").map(decoded);
  const known = VIEWS.some(([name]) => name === view);
  return {
    population,
    view: known ? view : "now",
    query: Object.fromEntries(new URLSearchParams(search)),
  };
}

export function build({population, view, query = {}}) {
  const pairs = Object.entries(query).filter(
    ([, value]) => value !== undefined && value !== null && value !== "");
  const search = new URLSearchParams(pairs).toString();
  const path = population ? `${encodeURIComponent(population)}/${view || "now"}` : "";
  return `#/${path}${search ? "?" + search : ""}`;
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
