import HTTP
import Histories

/// What a request's query says, each within its bounds.
struct Parameters {
    var query: [String: String]

    func integer(_ name: String, _ standard: Int, in range: ClosedRange<Int>) throws -> Int {
        guard let text = query[name], !text.isEmpty else { return standard }
        guard let number = Int(text) else {
            throw Refusal(.badRequest, "\(name) is no whole number; give one, as in \(name)=10.")
        }
        return min(max(number, range.lowerBound), range.upperBound)
    }

    func number(_ name: String) throws -> Double? {
        guard let text = query[name], !text.isEmpty else { return nil }
        guard let number = Double(text), number.isFinite else {
            throw Refusal(.badRequest, "\(name) is no number; give one, as in \(name)=10.")
        }
        return number
    }

    func sequence(_ name: String) throws -> UInt64? {
        guard let text = query[name], !text.isEmpty else { return nil }
        guard let number = UInt64(text) else {
            throw Refusal(.badRequest, "\(name) is no sequence; give one, as in \(name)=10.")
        }
        return number
    }

    func text(_ name: String) -> String? { query[name].flatMap { $0.isEmpty ? nil : $0 } }

    var by: Progress {
        get throws {
            guard let text = text("by") else { return .step }
            guard let by = Progress(rawValue: text) else {
                throw Refusal(.badRequest, "by is either step or time.")
            }
            return by
        }
    }

    var metric: String? { text("metric").flatMap { $0 == ReportLog.score ? nil : $0 } }

    /// Numbers of members, with commas between them.
    func members(atMost most: Int) throws -> [Int] {
        let parts = (text("members").flatMap { $0.isEmpty ? nil : $0 } ?? "").split(
            separator: ",", omittingEmptySubsequences: false)
        guard parts.count <= most else {
            throw Refusal(.badRequest, "Ask for at most \(most) members at once.")
        }
        return try parts.map { part in
            guard let member = Int(part), member >= 0 else {
                throw Refusal(.badRequest, "members are numbers with commas, as in members=1,2.")
            }
            return member
        }
    }

    /// All of it, in one order.
    var key: String {
        query.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: "&")
    }
}
