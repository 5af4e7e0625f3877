import Messages

extension Worker {
    /// Gives the member back for others to train, and ends the conversation.
    ///
    /// - Throws: ``MurmurationError`` when the coordinator is away for longer than the worker's
    ///   patience, or 30 seconds without one. The member is given to another worker then when its
    ///   lease has lapsed.
    public func leave() async throws {
        defer { joining.place.giveUp() }
        let holdsLease = state.withLock { state in
            defer { state.phase = .left }
            return switch state.phase {
            case .training, .asking: true
            case .finished, .left: false
            }
        }
        do {
            if holdsLease { try await giveBack() }
        } catch MurmurationError.left {
            // It was given back when this process was told to end.
        } catch {
            await connection.close()
            throw error
        }
        await connection.close()
    }

    private func giveBack() async throws {
        let deadline = ContinuousClock.now + (joining.patience ?? Patience.joining)
        guard let lease = try await lastLease(by: deadline) else { return }
        var leave = WireLeave()
        leave.key = Limits.newKey()
        leave.lease = lease
        do {
            _ = try await connection.ask(.leave(leave), patience: deadline - .now)
        } catch MurmurationError.unknownLease, MurmurationError.leaseLapsed {
            // It is given back already.
        }
    }

    /// The lease to give back: a request that was given up may have been answered with another one,
    /// which nobody else knows of.
    private func lastLease(by deadline: ContinuousClock.Instant) async throws -> UInt64? {
        let (pending, lease) = state.withLock { state in
            (state.join.map { .join($0) } ?? state.unanswered, state.assignment.lease)
        }
        guard let pending else { return lease }
        do {
            let reply = try await connection.ask(pending, patience: deadline - .now)
            switch reply.directive.assignment {
            case .lease(let next): return next.token
            case .stop: return nil
            case .same, .wait, nil: return lease
            }
        } catch let error as MurmurationError where error.isAboutRequest || error.isAboutLease {
            joining.logger.info("What was asked before leaving was refused: \(error)")
            return lease
        }
    }
}
