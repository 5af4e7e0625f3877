import Messages
import Records

// What was answered before a directory was moved is told again with the paths that are right now.
extension Moves {
    func found(_ record: LeaseRecord) -> LeaseRecord {
        guard !isEmpty, let directive = WireDirective(bytes: record.directive) else {
            return record
        }
        var record = record
        record.directive = found(directive).bytes
        return record
    }

    func found(_ answer: WireReply.OneOf_Body) -> WireReply.OneOf_Body {
        guard !isEmpty, case .directive(let directive) = answer else { return answer }
        return .directive(found(directive))
    }

    private func found(_ directive: WireDirective) -> WireDirective {
        var directive = directive
        if case .exploit(var exploit) = directive.outcome {
            exploit.checkpoint = now(exploit.checkpoint)
            directive.outcome = .exploit(exploit)
        }
        if case .lease(var lease) = directive.assignment {
            lease.checkpoint = now(lease.checkpoint)
            directive.assignment = .lease(lease)
        }
        for index in directive.released.indices {
            directive.released[index].checkpoint = now(directive.released[index].checkpoint)
        }
        return directive
    }
}
