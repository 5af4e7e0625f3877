import Murmuration

/// A population's settings over time: those that it has now, with what changed them undone.
struct SettingsHistory {
    /// What holds from a sequence of the journal on, oldest first.
    private var eras: [(from: UInt64, settings: Population.Settings)] = []

    /// - Parameter events: All of the population's; those that change no setting are left out.
    init(now: Population.Settings, events: [Event]) {
        var settings = now
        for event in events.reversed() {
            guard case .changed(let before, _) = event.kind else { continue }
            eras.append((event.sequence, settings))
            settings.take(before)
        }
        eras.append((0, settings))
        eras.reverse()
    }

    /// What held when the event with this sequence was decided.
    func settings(at sequence: UInt64) -> Population.Settings {
        var (low, high) = (0, eras.count)
        while high - low > 1 {
            let middle = (low + high) / 2
            if eras[middle].from <= sequence { low = middle } else { high = middle }
        }
        return eras[low].settings
    }
}

extension Population.Settings {
    /// Takes over what the others say.
    mutating func take(_ other: Self) {
        maxSteps = other.maxSteps ?? maxSteps
        interval = other.interval ?? interval
        burnIn = other.burnIn ?? burnIn
        fraction = other.fraction ?? fraction
        minPopulationSize = other.minPopulationSize ?? minPopulationSize
        resampleProbability = other.resampleProbability ?? resampleProbability
    }
}
