#if DEBUG
    import Evolution
    import Messages

    // Mistakes made on purpose, to show that the simulator finds them.
    extension Pipeline {
        /// What leaves after a commit, as it would if the batch that was decided on meanwhile were taken
        /// for it.
        mutating func spoilOutbox() {
            if Hooks.present.answersWithOtherCommit {
                for (peer, id, body) in core.batch.replies {
                    refusals.append((connections[peer.number], envelope(body, id: id)))
                }
            }
            if Hooks.present.forgetsPeers, !connections.isEmpty {
                outbox.connections = outbox.connections.indices.map {
                    connections[$0 % connections.count]
                }
            }
        }
    }
#endif
