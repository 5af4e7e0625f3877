/// The members that have a committed state, in order, best first.
///
/// A treap that knows, for each subtree, how many members and how many donors it holds: placing
/// a member, its rank, the member at a rank and the donor at a place among the donors each take a
/// walk from the root, O(log n). A member's priority is a hash of its number, so that the tree
/// depends on what it holds and not on how it came to hold it.
struct Ranking: Sendable {
    /// What decides a member's place.
    struct Key: Hashable, Sendable {
        /// Less is better; +infinity stands for every score that is not finite.
        var badness: Double
        /// Orders equal scores.
        var tie: UInt64
        /// Whether its state is its own and finite, so that it may be copied.
        var donates: Bool
    }

    /// Members are few enough for 32 bits, and there are many nodes.
    private typealias Node = Int32
    private static let none: Node = -1

    private struct Links {
        var left = none
        var right = none
        var count: Int32 = 0
        var donors: Int32 = 0

        mutating func add(_ members: Int32, donors: Int32) {
            count += members
            self.donors += donors
        }
    }

    private var root = none
    private var keys: [Key?] = []
    private var links: [Links] = []
    /// How many of the ranked have a finite score; they are the first.
    private(set) var finite = 0

    var count: Int { count(root) }
    var donors: Int { donors(root) }

    /// Places a member, or takes it off with `nil`.
    mutating func place(_ member: Int, _ key: Key?) {
        if member >= keys.count {
            if key == nil { return }
            let missing = member + 1 - keys.count
            keys.append(contentsOf: repeatElement(nil, count: missing))
            links.append(contentsOf: repeatElement(Links(), count: missing))
        }
        let old = keys[member]
        if old == key { return }
        let node = Node(member)
        if let old {
            remove(node)
            finite -= old.badness.isFinite ? 1 : 0
        }
        keys[member] = key
        links[member] = Links()
        if let key {
            insert(node)
            finite += key.badness.isFinite ? 1 : 0
        }
    }

    func contains(_ member: Int) -> Bool { keys.indices.contains(member) && keys[member] != nil }

    /// The member's place from 1, or `nil` when it has no committed state.
    func rank(of member: Int) -> Int? {
        guard contains(member) else { return nil }
        let node = Node(member)
        var before = 0
        var at = root
        while at != node {
            if precedes(node, at) {
                at = self[at].left
            } else {
                before += count(self[at].left) + 1
                at = self[at].right
            }
        }
        return before + count(self[node].left) + 1
    }

    /// The member at a rank from 1 to `count`.
    func member(at rank: Int) -> Int {
        precondition((1...max(count, 1)).contains(rank) && count > 0, "No member has this rank.")
        var before = rank - 1
        var at = root
        while true {
            let left = count(self[at].left)
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
            let left = count(self[at].left)
            if remaining <= left {
                at = self[at].left
            } else {
                found += donors(self[at].left) + own(at)
                remaining -= left + 1
                at = self[at].right
            }
        }
        return found
    }

    /// The donor at a place from 1 to `donors` among the donors.
    func donor(at place: Int) -> Int {
        precondition((1...max(donors, 1)).contains(place) && donors > 0, "There is no such donor.")
        var before = place - 1
        var at = root
        while true {
            let left = donors(self[at].left)
            if before < left {
                at = self[at].left
            } else if before == left, own(at) == 1 {
                return Int(at)
            } else {
                before -= left + own(at)
                at = self[at].right
            }
        }
    }

    /// How many nodes a walk from the root to the member visits: what each operation costs.
    func depth(of member: Int) -> Int? {
        guard contains(member) else { return nil }
        var visited = 1
        var at = root
        while at != Node(member) {
            at = precedes(Node(member), at) ? self[at].left : self[at].right
            visited += 1
        }
        return visited
    }

    // MARK: - The tree

    private subscript(node: Node) -> Links {
        get { links[Int(node)] }
        set { links[Int(node)] = newValue }
    }

    private func count(_ node: Node) -> Int { node == Self.none ? 0 : Int(self[node].count) }

    private func donors(_ node: Node) -> Int { node == Self.none ? 0 : Int(self[node].donors) }

    private func own(_ node: Node) -> Int { keys[Int(node)]?.donates == true ? 1 : 0 }

    private mutating func refresh(_ node: Node) {
        let (left, right) = (self[node].left, self[node].right)
        links[Int(node)].count = Int32(count(left) + count(right) + 1)
        links[Int(node)].donors = Int32(donors(left) + donors(right) + own(node))
    }

    private func precedes(_ one: Node, _ other: Node) -> Bool {
        // Only nodes that are, or are about to be, in the tree are compared; they have keys.
        guard let mine = keys[Int(one)], let theirs = keys[Int(other)] else { return false }
        if mine.badness != theirs.badness { return mine.badness < theirs.badness }
        if mine.tie != theirs.tie { return mine.tie < theirs.tie }
        return one < other
    }

    /// A bijection that scatters numbers (SplitMix64's last steps), so no two are equal.
    private func priority(_ node: Node) -> UInt64 {
        var bits = UInt64(node) &+ 0x9E37_79B9_7F4A_7C15
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return bits ^ (bits >> 31)
    }

    /// A link to a subtree: the root, or one of a node's.
    private enum Place {
        case root
        case left(of: Node)
        case right(of: Node)
    }

    private mutating func put(_ tree: Node, at place: Place) {
        switch place {
        case .root: root = tree
        case .left(let node): links[Int(node)].left = tree
        case .right(let node): links[Int(node)].right = tree
        }
    }

    /// Each subtree on the way has one node more.
    private mutating func insert(_ node: Node) {
        var place = Place.root
        var at = root
        let (donates, priority) = (Int32(own(node)), priority(node))
        while at != Self.none, self.priority(at) > priority {
            links[Int(at)].add(1, donors: donates)
            (place, at) = step(from: at, towards: node)
        }
        let (before, after) = split(at, at: node)
        self[node].left = before
        self[node].right = after
        refresh(node)
        put(node, at: place)
    }

    private mutating func remove(_ node: Node) {
        var place = Place.root
        var at = root
        let donates = Int32(own(node))
        while at != node {
            links[Int(at)].add(-1, donors: -donates)
            (place, at) = step(from: at, towards: node)
        }
        put(merge(self[node].left, self[node].right), at: place)
    }

    private func step(from tree: Node, towards node: Node) -> (Place, Node) {
        precedes(node, tree)
            ? (.left(of: tree), self[tree].left) : (.right(of: tree), self[tree].right)
    }

    /// The parts of a tree before and after a node that is not in it.
    private mutating func split(_ tree: Node, at node: Node) -> (Node, Node) {
        if tree == Self.none { return (Self.none, Self.none) }
        if precedes(node, tree) {
            let (before, after) = split(self[tree].left, at: node)
            self[tree].left = after
            refresh(tree)
            return (before, tree)
        }
        let (before, after) = split(self[tree].right, at: node)
        self[tree].right = before
        refresh(tree)
        return (tree, after)
    }

    /// One tree of two, all of the first before all of the second.
    private mutating func merge(_ first: Node, _ second: Node) -> Node {
        if first == Self.none { return second }
        if second == Self.none { return first }
        if priority(first) > priority(second) {
            self[first].right = merge(self[first].right, second)
            refresh(first)
            return first
        }
        self[second].left = merge(first, self[second].left)
        refresh(second)
        return second
    }
}
