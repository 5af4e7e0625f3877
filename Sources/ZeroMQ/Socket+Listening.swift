import CZeroMQ

extension Socket {
    /// Takes connections like ``bind(_:)``, at a TCP endpoint where others can be held. A monitor of
    /// the socket is made afterwards.
    ///
    /// - Returns: the endpoint with the real port.
    @discardableResult
    public mutating func listen(at endpoint: String) throws(ZeroMQError) -> String {
        // Telling of a failure, libzmq would forget its reason.
        var monitor = try SocketMonitor(of: self, events: ZMQ_EVENT_LISTENING)
        let bound = try bind(endpoint)
        // libzmq tells of it while it binds.
        guard case .listening(let file) = try monitor.next() else {
            preconditionFailure("Nobody listens by a file at \(bound).")
        }
        listeners[bound] = file
        return bound
    }

    /// Has all wait who connect from now on: the system drops what comes to the listening sockets,
    /// and clients ask again. Connections that stand go on, and those that were queued are taken.
    ///
    /// Only Linux can do that.
    ///
    /// - Returns: whether the system does.
    public mutating func holdConnections() -> Bool {
        listeners.values.allSatisfy { czmq_hold($0, 1) == 0 }
    }

    /// Takes connections again.
    public mutating func resumeConnections() {
        for file in listeners.values {
            // It fails where nothing was held.
            _ = czmq_hold(file, 0)
        }
    }
}
