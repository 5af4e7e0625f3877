import Murmuration

/// How much of a population's variety is left, and who copies from whom.
package struct Diversity {
    /// The beginning of each state of the descent: the first state of its line.
    private var roots: [Int32] = []
    /// The beginning of each member's state; `nil` without one.
    private var beginnings: [Int32?] = []
    /// How many members descend from each beginning.
    private var families: [Int32: Int] = [:]
    package private(set) var samples: [Sample] = []
    private var stride = 1
    private var reports = 0
    private var exploits = 0
    private var copies: [Int: Int] = [:]
    /// By the rank of the donor and of the copier, in tenths from the best.
    package private(set) var copiedFrom = Array(repeating: 0, count: 10)
    package private(set) var copiedTo = Array(repeating: 0, count: 10)

    package struct Sample: Sendable {
        /// The mean of the members' steps.
        package var step: Double
        package var time: Double
        package var beginnings: Int
        /// Up to then.
        package var reports: Int
        package var exploits: Int
    }

    private static let mostSamples = 8192
    private static let mostDonors = 100_000
    /// Among so many others a donor is ranked: of more, only some are looked at.
    private static let compared = 512

    /// Beginnings that members descend from.
    package var beginningsAlive: Int { families.count }

    /// The part of the members with a state that descend from one beginning.
    package var largestFamilyShare: Double? {
        let all = families.values.reduce(0, +)
        guard all > 0, let largest = families.values.max() else { return nil }
        return Double(largest) / Double(all)
    }

    /// Who was copied most.
    package func donors(_ most: Int) -> [(donor: Int, copies: Int)] {
        copies.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(most)
            .map { (donor: $0.key, copies: $0.value) }
    }

    /// Whom a member descends from; a member number, `nil` without a state.
    package func beginning(of member: Int, in descent: Descent) -> Int? {
        guard beginnings.indices.contains(member), let root = beginnings[member] else { return nil }
        return descent.states[Int(root)].name.member
    }

    /// Takes in what the descent says of a member after each of its events.
    mutating func follow(_ member: Int, in descent: Descent) throws {
        guard descent.isComplete else { return }
        while roots.count < descent.states.count {
            let place = roots.count
            roots.append(descent.states[place].base.map { roots[$0] } ?? Int32(place))
        }
        while beginnings.count <= member { beginnings.append(nil) }
        let root = try descent.members[member]?.latest.map { roots[try descent.place($0)] }
        guard root != beginnings[member] else { return }
        if let former = beginnings[member] {
            families[former, default: 1] -= 1
            if families[former] == 0 { families[former] = nil }
        }
        if let root { families[root, default: 0] += 1 }
        beginnings[member] = root
    }

    mutating func count(isExploit: Bool, meanStep: Double, time: Double) {
        reports += 1
        if isExploit { exploits += 1 }
        guard reports.isMultiple(of: stride) else { return }
        if samples.count == Self.mostSamples {
            stride *= 2
            samples = ReportLog.everySecond(samples)
        }
        samples.append(
            Sample(
                step: meanStep, time: time, beginnings: beginningsAlive, reports: reports,
                exploits: exploits))
    }

    mutating func note(
        copyOf donor: Int, score: Double, standing: Event.Standing?, _ members: [FollowedMember],
        minimize: Bool
    ) {
        if copies[donor] != nil || copies.count < Self.mostDonors { copies[donor, default: 0] += 1 }
        if let standing, standing.ranked > 0 {
            copiedTo[min(9, max(0, (standing.rank - 1) * 10 / standing.ranked))] += 1
        }
        let step = max(1, members.count / Self.compared)
        var (better, all) = (0, 0)
        for index in Swift.stride(from: 0, to: members.count, by: step) {
            let other = members[index].lastScore
            guard other.isFinite else { continue }
            all += 1
            if minimize ? other < score : other > score { better += 1 }
        }
        if all > 0 { copiedFrom[min(9, better * 10 / all)] += 1 }
    }
}
