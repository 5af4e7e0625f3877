/// FNV-1a of 64 bits (http://www.isthe.com/chongo/tech/comp/fnv): the journal keeps digests, so they
/// must be the same in each run.
struct Digest {
    private var state: UInt64 = 0xcbf2_9ce4_8422_2325

    /// Never 0, which stands for what is not known.
    var value: UInt64 { max(state, 1) }

    mutating func add(_ bytes: some Sequence<UInt8>) {
        for byte in bytes { state = (state ^ UInt64(byte)) &* 0x100_0000_01b3 }
    }

    mutating func add(_ bits: UInt64) {
        for shift in stride(from: 0 as UInt64, to: 64, by: 8) {
            state = (state ^ (bits >> shift & 0xFF)) &* 0x100_0000_01b3
        }
    }

    /// With its length, so that two texts are not as one.
    mutating func add(_ text: String) {
        add(UInt64(text.utf8.count))
        add(text.utf8)
    }
}

extension WireRequest {
    /// What it says, in short, whatever its id: a retry is told from another request under its key.
    package var digest: UInt64 {
        var request = self
        request.id = 0
        var digest = Digest()
        digest.add(request.bytes)
        return digest.value
    }
}

extension WireReport {
    /// What it says of the training, in short: a retry is told from another report under its sequence.
    /// A worker may deal with further releases before it sends it again.
    package var digest: UInt64 {
        var digest = Digest()
        digest.add(step)
        digest.add(hasScore ? score.bitPattern : 0)
        digest.add(checkpoint)
        digest.add(UInt64(effect.rawValue))
        for metric in metrics {
            digest.add(metric.name)
            digest.add(metric.value.bitPattern)
        }
        for hyperparameter in hyperparameters {
            digest.add(hyperparameter.name)
            switch hyperparameter.value.kind {
            case .number(let number): digest.add(number.bitPattern)
            case .integer(let integer): digest.add(UInt64(bitPattern: integer))
            case .text(let text), .json(let text): digest.add(text)
            case .flag(let flag): digest.add(flag ? 1 : 0)
            case nil: break
            }
        }
        return digest.value
    }
}
