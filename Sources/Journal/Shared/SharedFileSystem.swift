import Foundation

#if !canImport(Darwin)
    import CStatfs
#endif

/// File systems whose files other hosts may write to at the same time.
///
/// There SQLite's shared memory shows each host something else, and a lock may count on one host alone.
enum SharedFileSystem {
    /// What people call the file system that a directory is on, when hosts share it.
    ///
    /// - Returns: `nil` for a disk of this host alone, and where there is no such directory.
    static func name(of directory: String) -> String? {
        #if canImport(Darwin)
            var status = statfs()
            guard statfs(directory, &status) == 0 else { return nil }
            let isLocal = status.f_flags & UInt32(MNT_LOCAL) != 0
            let name = withUnsafeBytes(of: status.f_fstypename) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            return isLocal ? nil : name
        #else
            return names[file_system_of(directory)]
        #endif
    }

    /// By the numbers of Linux (linux/magic.h, and the file systems' own sources).
    static let names: [UInt64: String] = [
        0x6969: "NFS",
        0x0BD0_0BD0: "Lustre",
        0x4750_4653: "GPFS",
        0x1983_0326: "BeeGFS",
        0x00C3_6400: "CephFS",
        0x517B: "SMB",
        0xFF53_4D42: "SMB",
        0xFE53_4D42: "SMB",
        0x6573_5546: "FUSE",
        0x0102_1997: "9P",
        0x5346_414F: "AFS",
        0x6B41_4653: "AFS",
        0x7375_7245: "Coda",
        0x0116_1970: "GFS2",
        0x7461_636F: "OCFS2",
        0x2003_0528: "OrangeFS",
        0xAAD7_AAEA: "PanFS",
        0x786F_4256: "VirtualBox's shared folders",
    ]
}
