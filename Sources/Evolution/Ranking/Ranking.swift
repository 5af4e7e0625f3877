/// The members that measured something, in order, best first.
///
/// A treap whose nodes know how many members, how many of those that count, and how many donors come
/// before them in their subtree: placing a member, its rank, the member at a rank and the donor at a
/// place among the donors each take a walk from the root, O(log n), which looks at the nodes on its way and at no others. A
/// member's priority is a hash of its number, so that the tree depends on what it holds and not on
/// how it came to hold it.
struct Ranking: Sendable {
    /// What decides a member's place.
    struct Key: Hashable, Sendable {
        /// Less is better; +infinity stands for every score that is not finite.
        var badness: Double
        /// Orders equal scores.
        var tie: UInt32
        /// Whether its evidence counts in decisions.
        var counts = true
        /// Whether it may be copied. Whoever does not count may not.
        var donates: Bool
    }

    /// A member's number, which 32 bits have room for.
    private typealias Number = Int32
    private static let none: Number = -1

    /// Where a member is. Two of them fill a line of the processor's cache, which is most of what a
    /// walk in a large population waits for.
    private struct Node {
        var badness = 0.0
        var tie: UInt32 = 0
        var left = none
        var right = none
        /// Members in the left subtree; negative for a member that has no place.
        var before: Int32 = -1
        /// Twice those of them that count, and one more for itself.
        private var counting: Int32 = 0
        /// Twice the donors there, and one more for itself.
        private var donors: Int32 = 0

        init() {}

        init(_ key: Key) {
            badness = key.badness
            tie = key.tie
            before = 0
            counting = key.counts ? 1 : 0
            donors = key.donates ? 1 : 0
        }

        var isPlaced: Bool { before >= 0 }
        var key: Key? {
            isPlaced ? Key(badness: badness, tie: tie, counts: counts, donates: donates) : nil
        }
        /// What it adds to what comes before others.
        var itself: Sums { Sums(members: 1, counting: counting & 1, donors: donors & 1) }
        /// What its left subtree holds.
        var sumsBefore: Sums { Sums(members: before, counting: counting >> 1, donors: donors >> 1) }
        var counts: Bool { counting & 1 == 1 }
        /// Those that count in the left subtree.
        var countingBefore: Int32 { counting >> 1 }
        var donates: Bool { donors & 1 == 1 }
        /// Donors in the left subtree.
        var donorsBefore: Int32 { donors >> 1 }
        /// Donors up to itself.
        var donorsWithIt: Int32 { (donors >> 1) + (donors & 1) }

        mutating func add(_ sums: Sums, times one: Int32 = 1) {
            before += one * sums.members
            counting += 2 * one * sums.counting
            donors += 2 * one * sums.donors
        }
    }

    /// What a tree holds.
    private struct Sums {
        var members: Int32 = 0
        var counting: Int32 = 0
        var donors: Int32 = 0

        static func + (one: Sums, other: Sums) -> Sums {
            Sums(
                members: one.members + other.members, counting: one.counting + other.counting,
                donors: one.donors + other.donors)
        }

        static func - (one: Sums, other: Sums) -> Sums {
            Sums(
                members: one.members - other.members, counting: one.counting - other.counting,
                donors: one.donors - other.donors)
        }
    }

    private var root = none
    private var nodes: [Node] = []
    private(set) var count = 0
    /// How many of the ranked count in decisions.
    private(set) var counting = 0
    private(set) var donors = 0
    /// How many of the ranked have a finite score; they are the first.
    private(set) var finite = 0

    /// Places a member, or takes it off with `nil`.
    mutating func place(_ member: Int, _ key: Key?) {
        if member >= nodes.count {
            if key == nil { return }
            let missing = member + 1 - nodes.count
            nodes.append(contentsOf: repeatElement(Node(), count: missing))
        }
        let old = nodes[member].key
        if old == key { return }
        if let old {
            remove(Number(member))
            tally(old, -1)
        }
        nodes[member] = Node()
        if let key {
            nodes[member] = Node(key)
            insert(Number(member))
            tally(key, 1)
        }
    }

    private mutating func tally(_ key: Key, _ one: Int) {
        count += one
        counting += key.counts ? one : 0
        donors += key.donates ? one : 0
        finite += key.badness.isFinite ? one : 0
    }

    func contains(_ member: Int) -> Bool {
        nodes.indices.contains(member) && nodes[member].isPlaced
    }

    /// The member's place from 1, or `nil` when it is not ranked.
    func rank(of member: Int) -> Int? {
        sums(before: member).map { Int($0.members) + 1 }
    }

    /// The member's place from 1 among those that count, or `nil` when it does not.
    func countingRank(of member: Int) -> Int? {
        guard contains(member), nodes[member].counts else { return nil }
        return sums(before: member).map { Int($0.counting) + 1 }
    }

    /// How many of those before the member may be copied.
    func donors(before member: Int) -> Int {
        sums(before: member).map { Int($0.donors) } ?? 0
    }

    private func sums(before member: Int) -> Sums? {
        guard contains(member) else { return nil }
        let number = Number(member)
        var before = Sums()
        var at = root
        while at != number {
            if precedes(number, at) {
                at = self[at].left
            } else {
                before = before + self[at].sumsBefore + self[at].itself
                at = self[at].right
            }
        }
        return before + self[number].sumsBefore
    }

    /// The member at a place from 1 to `counting` among those that count.
    func member(atCounting rank: Int) -> Int {
        precondition(rank >= 1 && rank <= counting, "No member that counts has this rank.")
        var before = Int32(rank - 1)
        var at = root
        while true {
            let node = self[at]
            if before < node.countingBefore {
                at = node.left
            } else if node.counts, before == node.countingBefore {
                return Int(at)
            } else {
                before -= node.countingBefore + node.itself.counting
                at = node.right
            }
        }
    }

    /// The member at a rank from 1 to `count`.
    func member(at rank: Int) -> Int {
        precondition((1...max(count, 1)).contains(rank) && count > 0, "No member has this rank.")
        var before = rank - 1
        var at = root
        while true {
            let left = Int(self[at].before)
            if before == left { return Int(at) }
            if before < left {
                at = self[at].left
            } else {
                before -= left + 1
                at = self[at].right
            }
        }
    }

    /// How many of the best `ranks` members may be copied.
    func donors(among ranks: Int) -> Int {
        var remaining = ranks
        var found = 0
        var at = root
        while at != Self.none, remaining > 0 {
            let left = Int(self[at].before)
            if remaining <= left {
                at = self[at].left
            } else {
                found += Int(self[at].donorsWithIt)
                remaining -= left + 1
                at = self[at].right
            }
        }
        return found
    }

    /// The donor at a place from 1 to `donors` among the donors.
    func donor(at place: Int) -> Int {
        precondition((1...max(donors, 1)).contains(place) && donors > 0, "There is no such donor.")
        var before = Int32(place - 1)
        var at = root
        while true {
            if before < self[at].donorsBefore {
                at = self[at].left
            } else if before < self[at].donorsWithIt {
                return Int(at)
            } else {
                before -= self[at].donorsWithIt
                at = self[at].right
            }
        }
    }

    /// How many nodes a walk from the root to the member visits: what each operation costs.
    func depth(of member: Int) -> Int? {
        guard contains(member) else { return nil }
        var visited = 1
        var at = root
        while at != Number(member) {
            at = precedes(Number(member), at) ? self[at].left : self[at].right
            visited += 1
        }
        return visited
    }

    // MARK: - The tree

    private subscript(number: Number) -> Node { nodes[Int(number)] }

    private func precedes(_ one: Number, _ other: Number) -> Bool {
        let (mine, theirs) = (self[one], self[other])
        if mine.badness != theirs.badness { return mine.badness < theirs.badness }
        if mine.tie != theirs.tie { return mine.tie < theirs.tie }
        return one < other
    }

    /// A bijection that scatters numbers (SplitMix64's last steps), so no two are equal.
    private func priority(_ number: Number) -> UInt64 {
        var bits = UInt64(number) &+ 0x9E37_79B9_7F4A_7C15
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return bits ^ (bits >> 31)
    }

    /// A link to a subtree: the root, or one of a node's.
    private enum Place {
        case root
        case left(of: Number)
        case right(of: Number)
    }

    private mutating func put(_ tree: Number, at place: Place) {
        switch place {
        case .root: root = tree
        case .left(let number): nodes[Int(number)].left = tree
        case .right(let number): nodes[Int(number)].right = tree
        }
    }

    private mutating func insert(_ number: Number) {
        var place = Place.root
        var at = root
        let priority = priority(number)
        while at != Self.none, self.priority(at) > priority {
            (place, at) = step(from: at, towards: number, adding: 1)
        }
        let parts = split(at, at: number)
        nodes[Int(number)].left = parts.before
        nodes[Int(number)].right = parts.after
        nodes[Int(number)].add(parts.sums)
        put(number, at: place)
    }

    private mutating func remove(_ number: Number) {
        var place = Place.root
        var at = root
        while at != number { (place, at) = step(from: at, towards: number, adding: -1) }
        let node = self[number]
        put(merge(node.left, of: node.sumsBefore, with: node.right), at: place)
    }

    /// - Parameter one: what the node has more before it when the other one is placed there.
    private mutating func step(
        from tree: Number, towards number: Number, adding one: Int32
    ) -> (Place, Number) {
        guard precedes(number, tree) else { return (.right(of: tree), self[tree].right) }
        nodes[Int(tree)].add(self[number].itself, times: one)
        return (.left(of: tree), self[tree].left)
    }

    private struct Parts {
        var before = none
        var after = none
        /// What is before.
        var sums = Sums()
    }

    /// The parts of a tree before and after a node that is not in it.
    private mutating func split(_ tree: Number, at number: Number) -> Parts {
        if tree == Self.none { return Parts() }
        if precedes(number, tree) {
            var parts = split(self[tree].left, at: number)
            nodes[Int(tree)].left = parts.after
            nodes[Int(tree)].add(parts.sums, times: -1)
            parts.after = tree
            return parts
        }
        var parts = split(self[tree].right, at: number)
        nodes[Int(tree)].right = parts.before
        parts.before = tree
        parts.sums = parts.sums + self[tree].sumsBefore + self[tree].itself
        return parts
    }

    /// One tree of two, all of the first before all of the second.
    ///
    /// - Parameter sums: what the first holds.
    private mutating func merge(_ first: Number, of sums: Sums, with second: Number) -> Number {
        if first == Self.none { return second }
        if second == Self.none { return first }
        if priority(first) > priority(second) {
            let node = self[first]
            let right = merge(
                node.right, of: sums - node.sumsBefore - node.itself, with: second)
            nodes[Int(first)].right = right
            return first
        }
        let left = merge(first, of: sums, with: self[second].left)
        nodes[Int(second)].left = left
        nodes[Int(second)].add(sums)
        return second
    }
}
