import SwiftProtobuf

/// The room for items that a message of the wire has left.
package struct Page: Equatable, Sendable {
    package private(set) var used: Int
    private var isEmpty = true

    /// - Parameter used: bytes that the message takes without the items.
    package init(used: Int = 0) {
        self.used = used
    }

    /// Takes an item when there is room. The first always has it: the limits of what an item is
    /// made of see to that.
    ///
    /// - Returns: whether the item goes into this page.
    package mutating func take(_ item: some Message) -> Bool { take(serialized: item.bytes) }

    /// Takes an item that is serialized already.
    package mutating func take(serialized item: [UInt8]) -> Bool {
        let size = item.sizeAsItem
        guard isEmpty || used + size <= Limits.pageBytes else { return false }
        isEmpty = false
        used += size
        return true
    }
}
