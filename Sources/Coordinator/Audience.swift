/// Who subscribed to the socket that publishes everything, so that nothing is made that nobody gets.
///
/// Only beginnings of topics are known, not whose they are: libzmq tells of each subscription, and of
/// the end of the last one to a beginning.
struct Audience {
    /// Beginnings that are kept.
    static let most = 1024

    private var beginnings: Set<[UInt8]> = []
    /// There were more of them, so that from then on each topic is taken to be wanted.
    private var isCrowded = false

    /// Takes in what a subscriber sent: a byte that says whether it is a subscription or the end of
    /// one, and the beginning. Anything else means nothing.
    mutating func take(_ frame: [UInt8]) {
        switch frame.first {
        case 0: beginnings.remove(Array(frame.dropFirst()))
        case 1 where beginnings.count < Self.most: beginnings.insert(Array(frame.dropFirst()))
        case 1: isCrowded = isCrowded || !beginnings.contains(Array(frame.dropFirst()))
        default: break
        }
    }

    func wants(_ topic: String) -> Bool {
        isCrowded || beginnings.contains { topic.utf8.starts(with: $0) }
    }
}
