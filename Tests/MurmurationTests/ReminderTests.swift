import Testing

@testable import Murmuration

struct ReminderTests {
    @Test func `It is due after a while, and then ever more rarely`() {
        var reminder = Reminder(first: .seconds(10))
        let due = (0...36_000).filter { reminder.isDue(after: .seconds($0)) }
        #expect(
            due == [10, 40, 130, 400, 1210, 3640, 7240, 10840, 14440, 18040]
                + [21640, 25240, 28840, 32440])
    }

    @Test func `Before it is due it has not spoken`() {
        var reminder = Reminder(first: .seconds(10))
        let early = reminder.isDue(after: .seconds(9))
        #expect(!early && !reminder.hasSpoken)
        let late = reminder.isDue(after: .seconds(30))
        #expect(late && reminder.hasSpoken)
    }
}
