import Foundation

// What the HParams dashboard reads: TensorBoard keeps the first record of each kind in a run.
extension EventRecord {
    /// The columns of the dashboard. Without it they are what is found in the runs, by name.
    package static func experiment(_ experiment: Experiment, at time: Date) -> EventRecord {
        var data = TensorBoardHParamsPluginData()
        data.experiment.name = experiment.name
        data.experiment.hparamInfos = experiment.hyperparameters.map(\.proto)
        data.experiment.metricInfos = experiment.metrics.map(\.proto)
        return EventRecord(hparams: data, tag: "_hparams_/experiment", at: time)
    }

    /// Makes the run a session: a row of the dashboard.
    ///
    /// - Parameter name: what stands before the row; no other session has it.
    package static func sessionStart(
        named name: String, _ hyperparameters: [(name: String, value: HParam)], at time: Date
    ) -> EventRecord {
        var data = TensorBoardHParamsPluginData()
        data.sessionStartInfo.groupName = name
        data.sessionStartInfo.startTimeSecs = time.timeIntervalSince1970
        for (name, value) in hyperparameters {
            data.sessionStartInfo.hparams[name] = value.proto
        }
        return EventRecord(hparams: data, tag: "_hparams_/session_start_info", at: time)
    }

    /// Ends the run's session: there is nothing more to train.
    package static func sessionEnd(at time: Date) -> EventRecord {
        var data = TensorBoardHParamsPluginData()
        data.sessionEndInfo.status = .success
        data.sessionEndInfo.endTimeSecs = time.timeIntervalSince1970
        return EventRecord(hparams: data, tag: "_hparams_/session_end_info", at: time)
    }

    private init(hparams data: TensorBoardHParamsPluginData, tag: String, at time: Date) {
        var value = TensorBoardSummary.Value()
        value.tag = tag
        value.metadata.pluginData.pluginName = "hparams"
        value.metadata.pluginData.content = Data(Self.serialized(data))
        var event = TensorBoardEvent(at: time)
        event.summary.value = [value]
        self.init(event)
    }
}

/// A hyperparameter's value.
package enum HParam: Hashable, Sendable {
    case number(Double)
    case text(String)
    case flag(Bool)

    fileprivate var proto: TensorBoardHParamValue {
        var proto = TensorBoardHParamValue()
        switch self {
        case .number(let number): proto.numberValue = number
        case .text(let text): proto.stringValue = text
        case .flag(let flag): proto.boolValue = flag
        }
        return proto
    }
}

/// What sessions are compared by.
package struct Experiment: Hashable, Sendable {
    package var name: String
    package var hyperparameters: [Hyperparameter]
    package var metrics: [Metric]

    package init(name: String, hyperparameters: [Hyperparameter], metrics: [Metric]) {
        self.name = name
        self.hyperparameters = hyperparameters
        self.metrics = metrics
    }

    package struct Hyperparameter: Hashable, Sendable {
        package var name: String
        package var type: Kind
        /// The bounds of a number.
        package var bounds: ClosedRange<Double>?
        /// Sessions have different values.
        package var differs: Bool

        package enum Kind: Hashable, Sendable { case number, text, flag }

        package init(name: String, type: Kind, bounds: ClosedRange<Double>?, differs: Bool) {
            self.name = name
            self.type = type
            self.bounds = bounds
            self.differs = differs
        }
    }

    package struct Metric: Hashable, Sendable {
        package var tag: String
        /// `nil` for the tag.
        package var title: String?

        package init(tag: String, title: String? = nil) {
            self.tag = tag
            self.title = title
        }
    }
}

extension Experiment.Hyperparameter {
    fileprivate var proto: TensorBoardHParamInfo {
        var proto = TensorBoardHParamInfo()
        proto.name = name
        proto.differs = differs
        proto.type =
            switch type {
            case .number: .float64
            case .text: .string
            case .flag: .bool
            }
        if let bounds {
            proto.domainInterval.minValue = bounds.lowerBound
            proto.domainInterval.maxValue = bounds.upperBound
        }
        return proto
    }
}

extension Experiment.Metric {
    fileprivate var proto: TensorBoardMetricInfo {
        var proto = TensorBoardMetricInfo()
        proto.name.tag = tag
        proto.displayName = title ?? ""
        return proto
    }
}
