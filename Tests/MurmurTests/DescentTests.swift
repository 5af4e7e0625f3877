import Testing

@testable import Histories
@testable import Murmuration
@testable import Plotting

/// Who descends from whom.
struct DescentTests {
    private func stretches(_ past: PastEvents, isWhole: Bool = false) throws -> Stretches {
        var descent = Descent()
        for event in past.events { try descent.add(event) }
        return try Stretches(descent, of: "digits", minimize: false, isWhole: isWhole)
    }

    /// Member 1 copies member 0 and goes on from there; member 2 copies it too.
    private static var copied: PastEvents {
        var past = PastEvents(members: 3)
        past.report(0, step: 5, score: 0.4)
        let donor = past.report(0, step: 10, score: 0.5)
        past.report(1, step: 10, score: 0.1, copies: donor)
        past.report(1, step: 20, score: 0.75)
        past.report(0, step: 20, score: 0.7)
        past.report(2, step: 10, score: 0.2, copies: donor)
        return past
    }

    @Test func `A stretch is what one member trained without a fork`() throws {
        let stretches = try stretches(Self.copied)
        #expect(stretches.all.map(\.id) == ["0@2", "1@2", "0@3"])
        #expect(stretches.all.map(\.parent) == [nil, 0, 0])
        #expect(stretches.all.map(\.living) == [3, 1, 1])
        #expect(stretches.all[0].reports == 1...2)
        #expect(stretches.all[0].holders == [2])
        #expect(stretches.all[1].start == 10)
        #expect(stretches.beginnings == 3)
        #expect(stretches.livingBeginnings == 1)
        #expect(stretches.deadStates == 2)
    }

    @Test func `The whole has what died out`() throws {
        let stretches = try stretches(Self.copied, isWhole: true)
        #expect(stretches.all.map(\.id) == ["0@2", "1@1", "1@2", "0@3", "2@1"])
        #expect(stretches.roots.map { stretches.all[$0].living } == [3, 0, 0])
    }

    @Test(arguments: [true, false])
    func `An exploit that was declined is no descent`(withReport: Bool) throws {
        var past = PastEvents(members: 2)
        let donor = past.report(0, step: 10, score: 0.5)
        past.report(1, step: 10, score: 0.1, copies: donor)
        if !withReport { past.add(.declined(reason: "lost", fallback: .previous), of: 1) }
        past.report(1, step: 20, score: 0.2, declined: withReport)
        let stretches = try stretches(past)
        #expect(stretches.all.map(\.id) == ["0@1", "1@2"])
        #expect(stretches.all.map(\.parent) == [nil, nil])
        #expect(stretches.declined == 1)
    }

    @Test func `A checkpoint that was lost, and a member that was removed, leave no line`() throws {
        var past = PastEvents(members: 2)
        past.report(0, step: 10, score: 0.5)
        past.report(0, step: 20, score: 0.6)
        past.add(.declined(reason: "lost", fallback: .previous), of: 0)
        past.report(0, step: 20, score: 0.7)
        past.report(1, step: 10, score: 0.7)
        past.add(.removed, of: 1)
        let stretches = try stretches(past)
        #expect(stretches.all.map(\.id) == ["0@3"])
        #expect(stretches.all[0].reports == 1...3)
        #expect(stretches.members == 1)
        #expect(stretches.deadStates == 2)
    }

    @Test func `Who lost its own state descends from whom it copied, or from nobody`() throws {
        var past = PastEvents(members: 3)
        let donor = past.report(0, step: 10, score: 0.5)
        for member in [1, 2] {
            past.report(member, step: 10, score: 0.1)
            past.rescue(member, reason: "lost", copies: donor)
        }
        past.report(1, step: 20, score: 0.6)
        past.add(.declined(reason: "lost", fallback: .start), of: 2)
        past.report(2, step: 5, score: 0.3)
        let stretches = try stretches(past)
        #expect(stretches.all.map(\.id) == ["0@1", "1@2", "2@2"])
        #expect(stretches.all.map(\.parent) == [nil, 0, nil])
        #expect(stretches.all.map(\.start) == [0, 10, 0])
        #expect(stretches.isCopy(1))
        #expect((stretches.exploits, stretches.declined) == (2, 1))
    }

    @Test func `A history with a hole is not drawn`() throws {
        var past = PastEvents(members: 2)
        var donor = past.report(0, step: 10, score: 0.5)
        donor.number = 7
        past.report(1, step: 10, score: 0.1, copies: donor)
        #expect(throws: Failure.self) { _ = try stretches(past) }
    }

    @Test func `A tree shows branches at the right and the main line below`() throws {
        let tree = DescentTree(try stretches(Self.copied), isWhole: false, width: 80)
        #expect(
            tree.lines().prefix(6) == [
                "digits: 3 of 3 members have a state; they descend from 1 of 3 beginnings. 2",
                "  exploits.", "", "● 0 to 10 (0.5)  now 2*", "├─● 0 on to 20 (0.7)  now 0",
                "● → 1 to 20 (0.75)  now 1",
            ])
        #expect(
            tree.lines().suffix(2) == [
                "Left out: 2 beginnings and 2 states from which no member descends any more;",
                "  --all shows them.",
            ])
        let whole = DescentTree(try stretches(Self.copied, isWhole: true), isWhole: true, width: 80)
        #expect(whole.lines().contains("● 2 to 10 (0.2)  died out"))
    }

    @Test func `A long line shows its ends, and breaks at the edge of the terminal`() throws {
        var past = PastEvents(members: 2)
        var donor = past.report(0, step: 1, score: 1)
        for step in 1...30 {
            let (copier, other) = (step % 2, 1 - step % 2)
            past.report(copier, step: step, score: 0, copies: donor, of: other)
            donor = past.report(copier, step: step + 1, score: Double(step))
        }
        past.add(.removed, of: 1)
        let stretches = try stretches(past)
        let lines = DescentTree(stretches, isWhole: false, width: 40).lines()
        #expect(lines.contains { $0.contains("→ … 23 copies …") })
        let bullet = try #require(lines.firstIndex { $0.hasPrefix("●") })
        #expect(lines[bullet...(bullet + 3)].allSatisfy { Terminal.width($0) <= 40 })
        #expect(lines[bullet + 1].hasPrefix("    → "))
        let whole = DescentTree(stretches, isWhole: true, width: nil).lines()
        #expect(whole[2].hasSuffix("→ 0 to 31 (30)  now 0"))
        #expect(!whole[2].contains("…"))
    }

    /// Each copies the one before it, so that there is a fork for each.
    private static func chain(of members: Int) -> PastEvents {
        var past = PastEvents(members: members)
        var donor = past.report(0, step: 1, score: 1)
        for member in 1..<members {
            past.report(member, step: 1, score: 0, copies: donor, of: member - 1)
            past.report(member - 1, step: member + 1, score: 1)
            donor = past.report(member, step: member + 1, score: 1)
        }
        return past
    }

    @Test func `A tree of a thousand members stays readable, and says what it leaves out`() throws {
        let stretches = try stretches(Self.chain(of: 1_000))
        let lines = DescentTree(stretches, isWhole: false, width: 80).lines()
        #expect(lines.count { $0.contains("●") } < 2 * DescentTree.mostEnds)
        #expect(lines.count { $0.contains(" now ") } == DescentTree.mostEnds)
        #expect(lines.allSatisfy { Terminal.width($0) <= 80 })
        let others = lines.compactMap { $0.firstMatch(of: /\+ (\d+) member/)?.1 }
        #expect(others.compactMap { Int($0) }.reduce(0, +) == 1_000 - DescentTree.mostEnds)
        #expect(lines.contains { $0.hasPrefix("Left out: all but the 50 best of 1000 states") })
        let whole = DescentTree(stretches, isWhole: true, width: nil).lines()
        #expect(whole.count { $0.contains(" now ") } == 1_000)
    }

    @Test func `Graphviz gets nodes and edges`() throws {
        let lines = try stretches(Self.copied, isWhole: true).dot
        #expect(lines.first == "digraph \"digits\" {")
        #expect(
            lines.contains(
                """
                  "0@2" [label="member 0\\nsteps 0–10\\n0.5\\nnow 2*", style=filled, \
                fillcolor=lightyellow];
                """))
        #expect(lines.contains("  \"0@2\" -> \"1@2\" [style=dashed, label=\"copied\"];"))
        #expect(lines.contains("  \"0@2\" -> \"0@3\";"))
        #expect(lines.contains { $0.hasPrefix("  \"2@1\"") && $0.contains("color=gray") })
        #expect(lines.last == "}")
    }

    @Test func `JSON has nodes and edges`() throws {
        let json = try stretches(Self.copied).json
        #expect(
            json.contains(
                """
                "edges":[{"from":"0@2","kind":"copied","to":"1@2"},\
                {"from":"0@2","kind":"trained","to":"0@3"}]
                """))
        #expect(
            json.contains(
                """
                {"end":10,"first_report":1,"holders":[2],"id":"0@2","last_report":2,"living":3,\
                "member":0,"score":0.5,"start":0}
                """))
    }

    @Test func `Before the first report there is no line`() throws {
        let lines = DescentTree(
            try stretches(PastEvents(members: 2)), isWhole: false, width: nil
        ).lines()
        #expect(lines.first?.hasPrefix("digits: 0 of 2 members have a state") == true)
        #expect(lines.last == "There is no line to show yet.")
    }
}
