// From values to pixels and back.

/**
 * @param domain two values @param range two pixels @param isLog whether equal factors are equal
 *   distances
 */
export function scale(domain, range, isLog = false) {
  const [from, to] = isLog ? domain.map(Math.log10) : domain;
  const width = to - from || 1;
  const [first, last] = range;
  const at = (value) =>
    first + (((isLog ? Math.log10(value) : value) - from) / width) * (last - first);
  at.invert = (pixel) => {
    const value = from + ((pixel - first) / (last - first || 1)) * width;
    return isLog ? 10 ** value : value;
  };
  at.domain = domain;
  at.range = range;
  at.isLog = isLog;
  return at;
}

/** The least and the most of the finite values; null without any. */
export function extent(values) {
  let least = Infinity;
  let most = -Infinity;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    if (value < least) least = value;
    if (value > most) most = value;
  }
  return least <= most ? [least, most] : null;
}

/** With some room at both ends, and never of no width. */
export function widened([least, most], share = 0.05, isLog = false) {
  if (isLog) {
    const factor = (most / least) ** share || 1;
    return least === most ? [least / 2, most * 2] : [least / factor, most * factor];
  }
  if (least === most) {
    const room = Math.abs(least) * 0.1 || 1;
    return [least - room, most + room];
  }
  const room = (most - least) * share;
  return [least - room, most + room];
}
