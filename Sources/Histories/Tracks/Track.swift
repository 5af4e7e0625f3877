import Murmuration

/// What a member did, ready to be drawn: its reports, and where it took over a donor's state.
package struct Track: Hashable {
    package let member: Int
    package private(set) var stretches: [Stretch] = []
    package private(set) var takeovers: [Takeover] = []
    /// The end of the last stretch.
    private var end: Trails.State?
    /// The last take-over, while nothing was reported after it.
    private var isPending = false

    /// Reports of which each was trained from the one before.
    package struct Stretch: Hashable {
        /// What the first one was trained from; `nil` at the start.
        package var origin: Trails.State?
        package var samples: [Sample]

        package var firstStep: Int { origin?.step ?? 0 }
    }

    package struct Sample: Hashable {
        package var step: Int
        package var value: Double?
        /// The hyperparameters in effect up to this step, as ``PlottedSpace`` encodes them.
        package var hyperparameters: [Double]
    }

    package struct Takeover: Hashable {
        package var from: Sample
        /// Where the member goes on.
        package var to: Sample
    }

    package init(member: Int) {
        self.member = member
    }

    /// In effect for its last report.
    package var hyperparameters: [Double] { stretches.last?.samples.last?.hyperparameters ?? [] }

    /// - Parameters:
    ///   - hyperparameters: in effect for the report that made the move.
    ///   - explored: what an exploit gave the member to go on with.
    package mutating func add(_ move: Trails.Move, hyperparameters: [Double], explored: [Double]) {
        switch move {
        case .trained(let origin, let state):
            let sample = Sample(
                step: state.step, value: state.value, hyperparameters: hyperparameters)
            if end != nil, origin == end {
                stretches[stretches.count - 1].samples.append(sample)
            } else {
                stretches.append(Stretch(origin: origin, samples: [sample]))
            }
            // What was in effect after an exploit may be something else than was explored.
            if isPending { takeovers[takeovers.count - 1].to.hyperparameters = hyperparameters }
            isPending = false
            end = state
        case .tookOver(let from, let to):
            takeovers.append(
                Takeover(
                    from: Sample(
                        step: from.step, value: from.value, hyperparameters: hyperparameters),
                    to: Sample(step: to.step, value: to.value, hyperparameters: explored)))
            isPending = true
        case .gaveUp:
            takeovers.removeLast()
            isPending = false
        }
    }
}

/// The tracks of the members that are drawn.
package struct Tracks {
    package private(set) var space: PlottedSpace
    private var trails: Trails
    private var tracks: [Int: Track]
    /// Later events are not in the picture.
    private let last: UInt64

    package init(members: [Int], space: PlottedSpace, metric: String?, last: UInt64 = .max) {
        self.space = space
        self.last = last
        trails = Trails(metric: metric)
        tracks = Dictionary(
            members.map { ($0, Track(member: $0)) }, uniquingKeysWith: { first, _ in first })
    }

    package subscript(member: Int) -> Track { tracks[member] ?? Track(member: member) }

    package mutating func add(_ event: Event) {
        guard event.sequence <= last else { return }
        let moves = trails.add(event)
        guard let member = event.member, var track = tracks.removeValue(forKey: member) else {
            return
        }
        // What copies between two reports was trained as its last one says.
        let hyperparameters =
            event.report.map { space.encode($0.hyperparameters) } ?? track.hyperparameters
        let explored = event.exploit.map { space.encode($0.hyperparameters) } ?? []
        for move in moves {
            track.add(move, hyperparameters: hyperparameters, explored: explored)
        }
        tracks[member] = track
    }
}
