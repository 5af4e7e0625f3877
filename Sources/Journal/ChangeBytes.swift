import Evolution
import GRDB
import Records

// The changes of the table `recent` in bytes, one after another; the schema's version is theirs too.
//
// Integers are of variable length, the sign in the lowest bit. A text is its length and its UTF-8.
// Hyperparameters that equal those before them in the same member are written as such, and of a
// checkpoint only what comes after the beginning that it shares with the one before it.

private enum ChangeTag: UInt8 {
    case member = 1
    case lease, forgetLease, release, forgetRelease
    /// A member, and after it its last own scores.
    case memberWithScores
    /// A lease, and after it the digest of its last report.
    case leaseWithDigest
    case population
    /// A lease, and after it the digest of its last report and its place.
    case leaseWithPlace
    /// A population, and after it the best states that are kept.
    case populationWithArchive
}

private enum ValueTag: UInt8 {
    case number = 0
    case integer, text, no, yes, json
}

/// What a member has and is.
private struct MemberFlags: OptionSet {
    let rawValue: UInt8

    static let lost = MemberFlags(rawValue: 1)
    static let removed = MemberFlags(rawValue: 2)
    static let rescued = MemberFlags(rawValue: 4)
    static let donor = MemberFlags(rawValue: 8)
    static let latest = MemberFlags(rawValue: 16)
    static let previous = MemberFlags(rawValue: 32)
    static let standing = MemberFlags(rawValue: 64)
    /// It does not wait.
    static let presence = MemberFlags(rawValue: 128)
}

/// The states of a lease and of a population by their bytes, which stay as they are.
private let leaseStates: [LeaseRecord.State] = [.live, .ended, .lapsed]
private let statuses: [Population.Status] =
    [.active, .paused, .ended(nil)] + Ending.allCases.map { .ended($0) }

/// Writes changes of the present state.
struct ChangeWriter: ~Copyable {
    private var buffer = ByteBuffer()
    /// The address that was written last.
    private var checkpoint = ""

    /// What was written. It is only there while `body` runs.
    func withBytes<Result>(
        _ body: (UnsafeRawBufferPointer) throws -> Result
    ) rethrows -> Result {
        try body(buffer.bytes)
    }

    /// Leaves out what is not of the present state.
    mutating func write(_ change: Change) {
        switch change {
        case .population(let record): write(record.state)
        case .member(let population, let member): write(member, of: population)
        case .lease(let record): write(record)
        case .forgetLease(let token):
            buffer.append(byte: ChangeTag.forgetLease.rawValue)
            write(token)
        case .release(let record):
            buffer.append(byte: ChangeTag.release.rawValue)
            write(record.number)
            write(record.population)
            write(record.member ?? -1)
            write(checkpoint: record.checkpoint)
        case .forgetRelease(let number):
            buffer.append(byte: ChangeTag.forgetRelease.rawValue)
            write(number)
        case .event, .answer, .forgetAnswer, .key, .forgetKey: break
        }
    }

    private mutating func write(_ population: PopulationState) {
        guard let status = statuses.firstIndex(of: population.status) else {
            preconditionFailure("every status has a byte")
        }
        let tag: ChangeTag = population.archive.isEmpty ? .population : .populationWithArchive
        buffer.append(byte: tag.rawValue)
        buffer.append(byte: UInt8(status))
        buffer.append(byte: population.best == nil ? 0 : 1)
        write(population.id)
        write(population.generation)
        if let best = population.best { write(best, after: []) }
        if population.archive.isEmpty { return }
        write(population.archive.count)
        var before = population.best?.hyperparameters ?? []
        for archived in population.archive {
            write(archived.copies)
            write(archived.state, after: before)
            before = archived.state.hyperparameters
        }
    }

    private mutating func write(_ member: Member, of population: Int) {
        var flags: MemberFlags = []
        if member.isLost { flags.insert(.lost) }
        if member.isRemoved { flags.insert(.removed) }
        if member.isRescued { flags.insert(.rescued) }
        if member.donor != nil { flags.insert(.donor) }
        if member.latest != nil { flags.insert(.latest) }
        if member.previous != nil { flags.insert(.previous) }
        if member.standing != nil { flags.insert(.standing) }
        if member.presence != .waiting { flags.insert(.presence) }
        let scores = ScoresText.write(member.scores)
        buffer.append(byte: (scores == nil ? ChangeTag.member : .memberWithScores).rawValue)
        buffer.append(byte: flags.rawValue)
        write(population)
        write(member.id)
        write(member.step)
        write(member.reports)
        write(member.considered)
        write(member.generation)
        if let donor = member.donor { write(donor) }
        if let standing = member.standing {
            write(standing.rank)
            write(standing.ranked)
        }
        switch member.presence {
        case .waiting: break
        case .held: write(0)
        case .away(let since): write(since + 1)
        }
        write(member.hyperparameters)
        if let latest = member.latest { write(latest, after: member.hyperparameters) }
        if let previous = member.previous {
            write(previous, after: member.latest?.hyperparameters ?? member.hyperparameters)
        }
        if let scores { write(scores) }
    }

    /// - Parameter before: the hyperparameters that stand before it.
    private mutating func write(_ state: CommittedState, after before: [Value]) {
        write(state.member)
        write(state.report)
        write(state.step)
        write(state.score)
        write(checkpoint: state.checkpoint)
        let isSame = state.hyperparameters == before
        buffer.append(byte: isSame ? 1 : 0)
        if !isSame { write(state.hyperparameters) }
    }

    private mutating func write(_ record: LeaseRecord) {
        guard let state = leaseStates.firstIndex(of: record.state) else {
            preconditionFailure("every state has a byte")
        }
        let tag: ChangeTag =
            !record.place.isEmpty ? .leaseWithPlace : record.digest == 0 ? .lease : .leaseWithDigest
        buffer.append(byte: tag.rawValue)
        buffer.append(byte: UInt8(state))
        buffer.append(byte: record.keeps ? 1 : 0)
        write(record.token)
        write(record.population)
        write(record.member)
        write(record.sequence)
        write(Int(record.time))
        write(record.worker)
        write(record.owner)
        write(record.directive.count)
        record.directive.withUnsafeBytes { buffer.append(contentsOf: $0) }
        if tag != .lease { write(record.digest) }
        if tag == .leaseWithPlace { write(record.place) }
    }

    private mutating func write(_ values: [Value]) {
        write(values.count)
        for value in values {
            switch value {
            case .number(let number):
                buffer.append(byte: ValueTag.number.rawValue)
                write(number)
            case .integer(let integer):
                buffer.append(byte: ValueTag.integer.rawValue)
                write(Int(integer))
            case .text(let text):
                buffer.append(byte: ValueTag.text.rawValue)
                write(text)
            case .flag(let flag): buffer.append(byte: (flag ? ValueTag.yes : .no).rawValue)
            case .json(let text):
                buffer.append(byte: ValueTag.json.rawValue)
                write(text)
            }
        }
    }

    private mutating func write(checkpoint text: String) {
        var (text, before) = (text, checkpoint)
        checkpoint = text
        text.withUTF8 { new in
            let shared = before.withUTF8 { old in
                let most = min(new.count, old.count)
                var shared = 0
                while shared < most, new[shared] == old[shared] { shared += 1 }
                return shared
            }
            write(shared)
            write(new.count - shared)
            buffer.append(
                contentsOf: UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(new)[shared...])
            )
        }
    }

    private mutating func write(_ text: String) {
        var text = text
        text.withUTF8 { utf8 in
            write(utf8.count)
            buffer.append(contentsOf: UnsafeRawBufferPointer(utf8))
        }
    }

    /// All of its bits: NaN, and a zero's sign, are kept.
    private mutating func write(_ number: Double) { write(number.bitPattern) }

    /// Tokens are random, and take no fewer bytes another way.
    private mutating func write(_ number: UInt64) { buffer.append(bits: number) }

    private mutating func write(_ integer: Int) {
        // The sign moves to the lowest bit.
        buffer.append(
            varint: UInt64(bitPattern: Int64(integer << 1 ^ integer >> (Int.bitWidth - 1))))
    }
}

/// Bytes that grow at their end. An array looks at each of them whether it may write it; here there is
/// nobody else who could hold them.
private struct ByteBuffer: ~Copyable {
    private var storage = UnsafeMutableRawBufferPointer.allocate(byteCount: 4096, alignment: 8)
    private var count = 0

    deinit { storage.deallocate() }

    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: storage[..<count]) }

    mutating func append(byte: UInt8) {
        makeRoom(for: 1)
        storage[count] = byte
        count += 1
    }

    /// Eight bytes, the lowest first.
    mutating func append(bits: UInt64) {
        makeRoom(for: 8)
        storage.storeBytes(of: bits.littleEndian, toByteOffset: count, as: UInt64.self)
        count += 8
    }

    /// Seven bits a byte, the lowest first, each with a bit that tells whether another one follows.
    mutating func append(varint number: UInt64) {
        makeRoom(for: 10)
        var rest = number
        while rest >= 0x80 {
            storage[count] = UInt8(truncatingIfNeeded: rest) | 0x80
            count += 1
            rest >>= 7
        }
        storage[count] = UInt8(truncatingIfNeeded: rest)
        count += 1
    }

    mutating func append(contentsOf bytes: UnsafeRawBufferPointer) {
        makeRoom(for: bytes.count)
        UnsafeMutableRawBufferPointer(rebasing: storage[count...]).copyMemory(from: bytes)
        count += bytes.count
    }

    private mutating func makeRoom(for more: Int) {
        guard storage.count - count < more else { return }
        let larger = UnsafeMutableRawBufferPointer.allocate(
            byteCount: max(2 * storage.count, count + more), alignment: 8)
        larger.copyMemory(from: bytes)
        storage.deallocate()
        storage = larger
    }
}

/// Bytes that no `ChangeWriter` wrote.
struct DamagedChanges: Error {}

/// Reads what a `ChangeWriter` wrote, and trusts no byte of it.
struct ChangeReader {
    private let bytes: [UInt8]
    private var position = 0
    private var checkpoint: [UInt8] = []

    /// No report has a longer one.
    private static let mostCheckpointBytes = 4096

    private init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// What was written of a change.
    enum Written {
        case population(PopulationState)
        case whole(Change)
    }

    static func changes(in bytes: [UInt8]) throws(DamagedChanges) -> [Written] {
        var reader = ChangeReader(bytes)
        var changes: [Written] = []
        while reader.position < bytes.count { changes.append(try reader.written()) }
        return changes
    }

    private mutating func written() throws(DamagedChanges) -> Written {
        guard let tag = ChangeTag(rawValue: try byte()) else { throw DamagedChanges() }
        switch tag {
        case .population, .populationWithArchive:
            return .population(try population(hasArchive: tag == .populationWithArchive))
        default: return .whole(try change(tag))
        }
    }

    private mutating func population(
        hasArchive: Bool
    ) throws(DamagedChanges) -> PopulationState {
        let status = Int(try byte())
        guard statuses.indices.contains(status) else { throw DamagedChanges() }
        let hasBest = try flag()
        var population = PopulationState(
            id: try integer(), status: statuses[status], generation: try count(), best: nil)
        var before: [Value] = []
        if hasBest { population.best = try state(&before) }
        guard hasArchive else { return population }
        for _ in 0..<(try integer(most: StateArchive.most)) {
            let copies = try count()
            population.archive.append(ArchivedState(try state(&before), copies: copies))
        }
        return population
    }

    private mutating func change(_ tag: ChangeTag) throws(DamagedChanges) -> Change {
        switch tag {
        case .population, .populationWithArchive: preconditionFailure("it is no whole change")
        case .member, .memberWithScores: return try member(hasScores: tag == .memberWithScores)
        case .lease, .leaseWithDigest, .leaseWithPlace: return .lease(try lease(tag))
        case .forgetLease: return .forgetLease(try bits())
        case .release:
            let (number, population, member) = (try bits(), try integer(), try integer())
            return .release(
                ReleaseRecord(
                    number: number, population: population, member: member == -1 ? nil : member,
                    checkpoint: try checkpointText()))
        case .forgetRelease: return .forgetRelease(try bits())
        }
    }

    private mutating func member(hasScores: Bool) throws(DamagedChanges) -> Change {
        let flags = MemberFlags(rawValue: try byte())
        let population = try integer()
        var member = Member(id: try count(), hyperparameters: [])
        member.step = try step()
        member.reports = try count()
        member.considered = try step()
        member.generation = try count()
        if flags.contains(.donor) { member.donor = try count() }
        if flags.contains(.standing) {
            member.standing = Standing(rank: try count(), ranked: try count())
        }
        if flags.contains(.presence) {
            let number = try count()
            member.presence = number == 0 ? .held : .away(since: number - 1)
        }
        member.hyperparameters = try values()
        member.isLost = flags.contains(.lost)
        member.isRemoved = flags.contains(.removed)
        member.isRescued = flags.contains(.rescued)
        var before = member.hyperparameters
        if flags.contains(.latest) { member.latest = try state(&before) }
        if flags.contains(.previous) { member.previous = try state(&before) }
        if hasScores {
            guard let scores = ScoresText.read(try text()) else { throw DamagedChanges() }
            member.scores = scores
        }
        return .member(population: population, member)
    }

    private mutating func state(_ before: inout [Value]) throws(DamagedChanges) -> CommittedState {
        var state = CommittedState(
            member: try count(), report: try count(), step: try step(), score: try double(),
            hyperparameters: [], checkpoint: try checkpointText())
        if try !flag() { before = try values() }
        state.hyperparameters = before
        return state
    }

    private mutating func lease(_ tag: ChangeTag) throws(DamagedChanges) -> LeaseRecord {
        let state = Int(try byte())
        guard leaseStates.indices.contains(state) else { throw DamagedChanges() }
        let keeps = try flag()
        let token = try bits()
        let (population, member, sequence) = (try integer(), try integer(), try count())
        let time = Int64(try integer())
        let (worker, owner) = (try text(), try text())
        var record = LeaseRecord(
            token: token, population: population, member: member, worker: worker,
            sequence: sequence, state: leaseStates[state], directive: Array(try slice()),
            time: time)
        record.keeps = keeps
        record.owner = owner
        if tag != .lease { record.digest = try bits() }
        if tag == .leaseWithPlace { record.place = try text() }
        return record
    }

    private mutating func values() throws(DamagedChanges) -> [Value] {
        let count = try count()
        // Each takes a byte at least.
        guard count <= bytes.count - position else { throw DamagedChanges() }
        var values: [Value] = []
        for _ in 0..<count {
            guard let tag = ValueTag(rawValue: try byte()) else { throw DamagedChanges() }
            switch tag {
            case .number: values.append(.number(try double()))
            case .integer: values.append(.integer(Int64(try integer())))
            case .text: values.append(.text(try text()))
            case .no: values.append(.flag(false))
            case .yes: values.append(.flag(true))
            case .json: values.append(.json(try text()))
            }
        }
        return values
    }

    private mutating func checkpointText() throws(DamagedChanges) -> String {
        let shared = try count()
        guard shared <= checkpoint.count else { throw DamagedChanges() }
        checkpoint.removeSubrange(shared...)
        checkpoint += try slice()
        // A few bytes could stand for a long one, again and again.
        guard checkpoint.count <= Self.mostCheckpointBytes else { throw DamagedChanges() }
        return try Self.text(checkpoint)
    }

    private mutating func text() throws(DamagedChanges) -> String { try Self.text(slice()) }

    private static func text(_ bytes: some Sequence<UInt8>) throws(DamagedChanges) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw DamagedChanges() }
        return text
    }

    /// As many bytes as the number before them says.
    private mutating func slice() throws(DamagedChanges) -> ArraySlice<UInt8> {
        let count = try count()
        guard count <= bytes.count - position else { throw DamagedChanges() }
        defer { position += count }
        return bytes[position..<position + count]
    }

    private mutating func count() throws(DamagedChanges) -> Int {
        try integer(most: Row.largestCount)
    }

    private mutating func step() throws(DamagedChanges) -> Int {
        try integer(most: Specification.stepLimit)
    }

    private mutating func integer(most: Int) throws(DamagedChanges) -> Int {
        let integer = try integer()
        guard (0...most).contains(integer) else { throw DamagedChanges() }
        return integer
    }

    private mutating func integer() throws(DamagedChanges) -> Int {
        var bits: UInt = 0
        for shift in stride(from: 0, to: UInt.bitWidth, by: 7) {
            let byte = try byte()
            // The tenth byte holds the last bit.
            guard shift < 63 || byte <= 1 else { throw DamagedChanges() }
            bits |= UInt(byte & 0x7F) << shift
            if byte < 0x80 { return Int(bitPattern: bits >> 1) ^ -Int(bits & 1) }
        }
        throw DamagedChanges()
    }

    private mutating func double() throws(DamagedChanges) -> Double {
        Double(bitPattern: try bits())
    }

    private mutating func bits() throws(DamagedChanges) -> UInt64 {
        guard bytes.count - position >= 8 else { throw DamagedChanges() }
        defer { position += 8 }
        return bytes[position..<position + 8].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    private mutating func flag() throws(DamagedChanges) -> Bool {
        switch try byte() {
        case 0: false
        case 1: true
        default: throw DamagedChanges()
        }
    }

    private mutating func byte() throws(DamagedChanges) -> UInt8 {
        guard position < bytes.count else { throw DamagedChanges() }
        defer { position += 1 }
        return bytes[position]
    }
}
