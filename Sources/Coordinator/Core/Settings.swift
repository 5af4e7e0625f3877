/// Times and bounds of a coordinator.
package struct Settings: Sendable {
    /// How often a holder of leases is told to send a heartbeat.
    package var heartbeat: Duration = .seconds(10)
    /// How long a lease lasts when nothing is heard of its holder.
    package var lease: Duration = .seconds(60)
    /// Within which clients that lost the coordinator spread their return, at least. It is no more
    /// than a quarter of a lease.
    package var spread: Duration = .seconds(5)
    /// The holders of leases that may come back in a second. Each shakes hands, greets and reports.
    package var returnsPerSecond = 2000
    /// How long a worker that found no member free waits before it asks again.
    package var wait: Duration = .seconds(1)
    /// How long one waits whose population is paused.
    package var pause: Duration = .seconds(2)
    /// How long an ended lease and an answer to a key are kept for retries.
    package var retention: Duration = .seconds(3600)
    /// The least time between two boards of a population, when it changes.
    package var tick: Duration = .milliseconds(100)
    /// The time between two boards of a population that does not change.
    package var repetition: Duration = .seconds(1)
    /// Members on a broadcast board.
    package var boardSize = 50
    /// The broadcast's port; 0 without one.
    package var broadcastPort = 0
    /// The population that the first worker who joins brings along.
    package var open: OpenPopulation?
    /// How who is invited reaches the coordinator; `nil` when nobody is.
    var invitations: InvitationEndpoint?
    /// There is no encryption.
    package var insecure = false

    package init() {}
}

/// Where a coordinator listens to those who have keys of their own.
struct InvitationEndpoint: Hashable, Sendable {
    /// The public one of the coordinator's own pair for it.
    var serverKey: [UInt8]
    var port: Int
    /// Empty for everywhere.
    var host: String
    /// The public one by which the owner of the data directory is let in there.
    var ownerKey: [UInt8] = []
}
