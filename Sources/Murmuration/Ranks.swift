/// Which processes of one `torch.distributed` job may be workers, each with a member of its own.
public enum Ranks: Hashable, Sendable {
    /// Rank 0 alone: the ranks of a job train one model together.
    case first
    /// Every one, where each rank trains a model of its own.
    case each

    /// - Parameter variables: the environment of the process.
    func admit(_ variables: [String: String]) throws(MurmurationError) {
        guard self == .first, let rank = Self.rank(in: variables), rank > 0,
            let size = variables["WORLD_SIZE"].flatMap({ Int($0) })
        else { return }
        throw .rankOfJob(rank: rank, size: size)
    }

    /// Which rank of a `torch.distributed` job the process is; `nil` when it is in none.
    static func rank(in variables: [String: String]) -> Int? {
        guard variables["MASTER_ADDR"]?.isEmpty == false,
            let size = variables["WORLD_SIZE"].flatMap({ Int($0) }), size > 1
        else { return nil }
        return variables["RANK"].flatMap { Int($0) }
    }
}
