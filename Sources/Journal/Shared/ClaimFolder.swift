import Foundation
import Records

/// The directory `holder` of a data directory that hosts share. It has one file, whose name is the claim.
struct ClaimFolder {
    static let name = "holder"

    let directory: String
    var path: String { directory + "/" + Self.name }

    init(of directory: String) { self.directory = directory }

    var isThere: Bool { access(path, F_OK) == 0 }

    /// Makes it with its file in one step, if nobody else did: a directory takes no other one's place that
    /// has something in it.
    func makeIfMissing() throws(JournalError) {
        guard !isThere else { return }
        let unfinished = "\(path).\(Claim.token()).new"
        let file = unfinished + "/" + Claim(journal: nil, holder: nil).name
        guard mkdir(unfinished, 0o700) == 0 else { throw failure(errno) }
        let made = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        var code = made >= 0 ? 0 : errno
        if made >= 0 { close(made) }
        if code == 0, rename(unfinished, path) != 0 { code = errno }
        if code != 0 {
            unlink(file)
            rmdir(unfinished)
        }
        guard code == 0 || code == EEXIST || code == ENOTEMPTY else { throw failure(code) }
        try syncDirectory(directory)
    }

    /// The claim that there is.
    ///
    /// - Parameter isFresh: Has this host ask the file server, by changing the directory, where it may.
    /// - Returns: `nil` in a moment in which the file gets another name.
    func claim(isFresh: Bool) throws(JournalError) -> Claim? {
        if isFresh {
            let look = "\(path)/look.\(Claim.token())"
            let file = open(look, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
            // Who may only read sees changes when this host does.
            if file >= 0 {
                close(file)
                unlink(look)
            }
        }
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: path)
        } catch {
            throw .noDirectory(path, reason: "it cannot be read")
        }
        let claims = names.compactMap(Claim.init(name:))
        return claims.count == 1 ? claims[0] : nil
    }

    /// Gives the claim's file another name.
    ///
    /// - Returns: Whether it had the name that it should have had.
    func move(_ old: Claim, to new: Claim) throws(JournalError) -> Bool {
        let (source, target) = ("\(path)/\(old.name)", "\(path)/\(new.name)")
        guard rename(source, target) != 0 else { return true }
        let code = errno
        guard code == ENOENT else { throw failure(code) }
        // A file server may do twice what it is told once, when its answer is lost: the second time fails.
        // Nobody else has such a name.
        return access(target, F_OK) == 0
    }

    /// Who has the claim; `nil` while that is being written, and where it cannot be read.
    func process(of claim: Claim) -> HolderProcess? {
        let text = try? String(contentsOfFile: "\(path)/\(claim.name)", encoding: .utf8)
        guard let process = text.flatMap(HolderProcess.init(text:)),
            process.token == claim.holder
        else { return nil }
        return process
    }

    /// Writes who has the claim, for people, and for starts that need not wait then.
    func note(_ process: HolderProcess, in claim: Claim) throws(JournalError) {
        let file = open("\(path)/\(claim.name)", O_WRONLY | O_TRUNC | O_NOFOLLOW | O_CLOEXEC)
        guard file >= 0 else { throw failure(errno) }
        defer { close(file) }
        let bytes = Array(process.text.utf8)
        guard write(file, bytes, bytes.count) == bytes.count, fsync(file) == 0 else {
            throw failure(errno)
        }
    }

    func failure(_ code: Int32) -> JournalError { .ofSystem(code, directory) }
}

extension JournalError {
    /// What the system says, of a data directory.
    static func ofSystem(_ code: Int32, _ directory: String) -> JournalError {
        switch code {
        case ENOSPC, EDQUOT: .full(directory)
        case EACCES, EPERM, EROFS: .readOnly(directory)
        default: .failed(directory, reason: String(cString: strerror(code)))
        }
    }
}
