import Foundation
import Journal
import Records
import TestSupport

@testable import Simulation

/// What keeps records, each of which must pass for the others.
enum StorageKind: String, CaseIterable {
    case journal
    /// Rows wait in it as they do under load.
    case busyJournal
    case simulated

    func open() throws -> OpenStorage {
        switch self {
        case .journal: try OpenStorage(deferral: Deferral())
        case .busyJournal:
            try OpenStorage(deferral: Deferral(most: 1000))
        case .simulated: OpenStorage(SimulatedStorage())
        }
    }
}

/// A storage, and how it is brought to refuse.
struct OpenStorage {
    let storage: any Storage
    private let refusing: (() throws -> Void) throws -> Void

    init(_ simulated: SimulatedStorage) {
        storage = simulated
        refusing = { body in
            simulated.fate = .refused
            try body()
        }
    }

    init(deferral: Deferral) throws {
        let directory = try TemporaryDirectory()
        storage = try Journal(directory: directory.path, access: .write, deferral: deferral)
        refusing = { body in
            let path = directory.path + "/" + Journal.fileName
            try FileManager.default.moveItem(atPath: path, toPath: path + ".away")
            try body()
            try FileManager.default.moveItem(atPath: path + ".away", toPath: path)
        }
    }

    /// Does something while the next commit is refused.
    func whileRefusing(_ body: () throws -> Void) throws { try refusing(body) }
}
