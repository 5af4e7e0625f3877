import Foundation
import ZeroMQ

/// Ports for coordinators that are started again at the same one.
enum Ports {
    /// Below those that the system gives to whoever connects: meanwhile one of these is given to
    /// nobody.
    private static let all = 20_000..<30_000

    static func free() throws -> Int {
        let context = try Context()
        while true {
            var socket = try Socket(.router, in: context)
            let port = Int.random(in: all)
            if (try? socket.bind("tcp://127.0.0.1:\(port)")) != nil { return port }
        }
    }
}
