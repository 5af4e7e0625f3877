import Testing

@testable import Coordinator

struct AudienceTests {
    private func audience(_ frames: [[UInt8]]) -> Audience {
        var audience = Audience()
        for frame in frames { audience.take(frame) }
        return audience
    }

    private func begin(_ topic: String) -> [UInt8] { [1] + Array(topic.utf8) }
    private func end(_ topic: String) -> [UInt8] { [0] + Array(topic.utf8) }

    @Test func `A topic is wanted once somebody named its beginning`() {
        #expect(!audience([]).wants("p/leaderboard"))
        for topic in ["", "p", "p/", "p/leaderboard"] {
            #expect(audience([begin(topic)]).wants("p/leaderboard"), "\(topic)")
            #expect(audience([begin(topic), begin(topic)]).wants("p/leaderboard"), "\(topic)")
        }
        #expect(!audience([begin("q/"), begin("p/leaderboards")]).wants("p/leaderboard"))
    }

    @Test func `An end, which anybody may send, takes nothing from anybody`() {
        #expect(audience([begin("p/"), end("p/"), end("p/")]).wants("p/leaderboard"))
    }

    @Test func `What is no subscription means nothing`() {
        let all = audience([[], [2], [0xff, 0xff], end("p/"), end("")])
        #expect(!all.wants("p/leaderboard"))
        #expect(!all.wants(""))
    }

    @Test func `More subscriptions than are kept count as one to everything`() {
        var audience = Audience()
        for number in 0..<Audience.most { audience.take(begin("q\(number)/")) }
        audience.take(begin("q0/"))
        #expect(!audience.wants("p/leaderboard"))
        audience.take(begin("q/"))
        #expect(audience.wants("p/leaderboard"))
    }
}
