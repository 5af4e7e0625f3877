/// What was folded up to an event.
struct Committed<Value: Encodable>: Encodable {
    var committed: UInt64
    var value: Value

    private enum CodingKeys: String, CodingKey { case committed }

    func encode(to encoder: any Encoder) throws {
        try value.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(committed, forKey: .committed)
    }
}
