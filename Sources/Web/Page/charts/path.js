// The texts of SVG paths. A point that is no number breaks a line.

const round = (value) => Math.round(value * 10) / 10;

/** A line through points `[x, y]` in pixels; null and what is not finite are gaps. */
export function line(points) {
  let text = "";
  let isDrawing = false;
  for (const point of points) {
    if (!point || !Number.isFinite(point[0]) || !Number.isFinite(point[1])) {
      isDrawing = false;
      continue;
    }
    text += `${isDrawing ? "L" : "M"}${round(point[0])} ${round(point[1])}`;
    isDrawing = true;
  }
  return text;
}

/** A line that keeps a value until the next point. */
export function stairs(points) {
  const corners = [];
  points.forEach((point, index) => {
    if (index > 0) corners.push([point[0], points[index - 1][1]]);
    corners.push(point);
  });
  return line(corners);
}

/** What lies between two lines with the same xs: points `[x, upper, lower]`. */
export function band(points) {
  const good = points.filter((point) => point.every(Number.isFinite));
  if (good.length === 0) return "";
  // A band of one point is still seen.
  if (good.length === 1) good.push([good[0][0] + 2, good[0][1], good[0][2]]);
  const upper = good.map(([x, y]) => `${round(x)} ${round(y)}`);
  const lower = good.map(([x, , y]) => `${round(x)} ${round(y)}`).reverse();
  return `M${upper.join("L")}L${lower.join("L")}Z`;
}

/** Crosses, rings and such, many in one path: a circle around each point. */
export function dots(points, radius) {
  return points.filter((point) => point.every(Number.isFinite))
    .map(([x, y]) => `M${round(x - radius)} ${round(y)}a${radius} ${radius} 0 1 0 ${2 * radius} 0a${
           radius} ${radius} 0 1 0 ${- 2 * radius} 0`)
    .join("");
}
