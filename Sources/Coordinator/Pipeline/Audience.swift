/// Who subscribed to the socket that publishes everything, so that nothing is made that nobody gets.
///
/// Only beginnings of topics are known, not whose they are. One that was wanted once is taken to be
/// wanted until the coordinator ends: libzmq tells the end of a subscription also when somebody sends
/// one who never had it, and that must not take the boards of another.
package struct Audience {
    /// Beginnings that are kept.
    static let most = 1024

    private var beginnings: Set<[UInt8]> = []
    /// There were more of them, so that from then on each topic is taken to be wanted.
    private var isCrowded = false

    /// Takes in what a subscriber sent: for a subscription a byte of 1, and the beginning.
    package mutating func take(_ frame: [UInt8]) {
        guard frame.first == 1 else { return }
        let beginning = Array(frame.dropFirst())
        if beginnings.count < Self.most {
            beginnings.insert(beginning)
        } else if !beginnings.contains(beginning) {
            isCrowded = true
        }
    }

    func wants(_ topic: String) -> Bool {
        isCrowded || beginnings.contains { topic.utf8.starts(with: $0) }
    }
}
