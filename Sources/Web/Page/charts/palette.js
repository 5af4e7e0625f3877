// Colours that people with any sight tell apart, from the style sheet, where they differ by theme.

export const FAMILIES = 8;

/** The class of the family with an index; those after the last colour are grey. */
export function familyClass(index) {
  return index === null || index >= FAMILIES ? "family-other" : `family-${index}`;
}

// Viridis without its darkest and lightest ends, which one of the themes would swallow.
const STOPS = [
  [72, 82, 150],
  [49, 104, 142],
  [38, 130, 142],
  [31, 158, 137],
  [74, 193, 109],
  [148, 210, 60],
  [205, 210, 50],
];

/** The colour of a share between 0 and 1. */
export function ramp(share) {
  if (!Number.isFinite(share)) return "#888888";
  const at = Math.min(Math.max(share, 0), 1) * (STOPS.length - 1);
  const low = Math.min(Math.floor(at), STOPS.length - 2);
  const mixed = STOPS[low].map(
    (value, index) => Math.round(value + (STOPS[low + 1][index] - value) * (at - low)));
  return `rgb(${mixed.join(" ")})`;
}
