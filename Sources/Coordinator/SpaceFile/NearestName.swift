/// A sentence about a name that is not known, with the known one that is most like it.
func unknown(_ what: String, _ name: String, among known: [String]) -> String {
    let shown = name.prefix(80)
    if let nearest = nearest(to: name, among: known) {
        return "There is no \(what) “\(shown)”; write “\(nearest)”."
    }
    let all = known.prefix(12).joined(separator: ", ")
    let more = known.count > 12 ? " and \(known.count - 12) more" : ""
    return "There is no \(what) “\(shown)”; there \(known.count == 1 ? "is" : "are") \(all)\(more)."
}

/// The known name that differs in few letters, if there is one.
func nearest(to name: String, among known: [String]) -> String? {
    let name = name.lowercased().replacing("-", with: "_")
    let longest = 64
    guard name.count <= longest else { return nil }
    // Names are not checked yet, and one may be as long as its file.
    let candidates = known.filter { $0.utf8.count <= 4 * longest }
        .map { (name: $0, distance: distance(name, $0.lowercased())) }
    guard let nearest = candidates.min(by: { $0.distance < $1.distance }) else { return nil }
    // In the shortest names any letter matters.
    let most = nearest.name.count < 3 ? 0 : max(1, nearest.name.count / 3)
    return nearest.distance <= most ? nearest.name : nil
}

/// How many letters must be added, removed, replaced, or swapped with the next.
private func distance(_ first: String, _ second: String) -> Int {
    let (first, second) = (Array(first), Array(second))
    var rows = [Array(0...second.count)]
    for (index, letter) in first.enumerated() {
        var row = [index + 1]
        for column in second.indices {
            let replaced = rows[index][column] + (letter == second[column] ? 0 : 1)
            var best = min(replaced, row[column] + 1, rows[index][column + 1] + 1)
            if index > 0, column > 0, letter == second[column - 1],
                first[index - 1] == second[column]
            {
                best = min(best, rows[index - 1][column - 1] + 1)
            }
            row.append(best)
        }
        rows.append(row)
    }
    return rows[first.count][second.count]
}
