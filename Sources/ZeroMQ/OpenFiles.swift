import CZeroMQ

/// The open files of this process, of which each connection is one. A new one gets the lowest number
/// that is free.
public enum OpenFiles {
    /// The limit that is in effect, or `nil` when the system does not tell.
    public static var limit: Int? {
        let limit = czmq_file_limit()
        return limit < 0 ? nil : Int(limit)
    }

    /// Raises the limit as far as the system permits.
    ///
    /// - Returns: the limit that is now in effect, or `nil` when the system does not tell.
    @discardableResult
    public static func raiseLimit() -> Int? {
        let limit = czmq_raise_file_limit()
        return limit < 0 ? nil : Int(limit)
    }

    /// How many there are, and how many of them are connections that were accepted at each of these
    /// ports; `nil` when the system does not tell.
    ///
    /// It looks at each file, so that it costs the more, the more there are.
    package static func count(
        atPorts ports: [UInt16]
    ) -> (files: Int, connections: [Int])? {
        var counts = [Int64](repeating: 0, count: ports.count)
        let files = czmq_count_connections(ports, &counts, CInt(ports.count))
        return files < 0 ? nil : (Int(files), counts.map(Int.init))
    }

    /// Sets the limit: no file gets this number or a higher one. Those that have one keep it.
    ///
    /// - Returns: whether the system did.
    @discardableResult
    public static func setLimit(_ limit: Int) -> Bool {
        czmq_limit_files(Int64(limit)) == 0
    }

    /// The number that the next one gets, or `nil` when it cannot be opened.
    public static func lowestFree() -> Int? {
        let number = czmq_lowest_free_file()
        return number < 0 ? nil : Int(number)
    }

    /// The highest number from which on so many are free, up to the limit, or `nil` when fewer are.
    public static func mark(leaving count: Int, below limit: Int) -> Int? {
        let mark = czmq_mark_of_files(Int64(limit), Int64(count))
        return mark < 0 ? nil : Int(mark)
    }
}
