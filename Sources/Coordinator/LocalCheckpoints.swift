import Evolution
import Records

/// The directory in which workers on this machine keep their checkpoints, where the coordinator can
/// see whether they are there.
package struct LocalCheckpoints: Hashable, Sendable {
    package var directory: String
    /// What it was when the populations were served last.
    package var former: String?

    package init(directory: String, former: String? = nil) {
        self.directory = directory
        self.former = former
    }

    /// Notes that it was moved, if it is not where it was.
    func note(in moves: inout Moves) {
        moves.use(directory)
        guard let former, former != directory, Moves.isGone(former), !Moves.isGone(directory)
        else { return }
        moves.add(former, to: directory)
    }

    /// Refuses to go on when nearly all checkpoints are missing that members go on from: then it is
    /// one directory that is not where it should be, and each member would begin anew.
    ///
    /// Others than those in its directories, and in the data directory, are not looked for: an address
    /// may mean anything.
    func check(
        _ populations: [HostedPopulation], data: String
    ) throws(CoordinatorError) {
        let directories = [directory, Moves.absolute(data)] + (former.map { [$0] } ?? [])
        let wanted = populations.flatMap(\.checkpointsToGoOnFrom).filter { path in
            directories.contains { Moves.isInside(path, $0) }
        }
        var folders = Folders()
        let missing = wanted.filter { !folders.hold($0) }
        guard let first = missing.first,
            missing.count * 100 >= wanted.count * Self.percentThatMeansAll
        else { return }
        throw .checkpointsMissing(
            missing.count, of: wanted.count, directory: Folders.split(first).folder)
    }

    /// Some may have been deleted by hand, or not yet been there when the machine lost its power.
    private static let percentThatMeansAll = 90
}

extension HostedPopulation {
    fileprivate var checkpointsToGoOnFrom: [String] {
        guard !population.status.isEnded else { return [] }
        return population.members
            .filter { !$0.isRemoved && !population.isFinished($0.id) }
            .compactMap(\.latest?.checkpoint)
    }
}
