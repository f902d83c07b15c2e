internal import Glibc

/// Which file or part of one, and in which state: equal as long as nobody has written to it.
package struct FileIdentity: Hashable, Sendable {
    private let device: UInt64
    private let inode: UInt64
    private let byteCount: Int64
    private let modified: Int64
    private let changed: Int64
    /// Which part of it.
    private let window: Range<Int>

    init(_ status: stat, window: Range<Int>) {
        self.window = window
        device = UInt64(truncatingIfNeeded: status.st_dev)
        inode = UInt64(truncatingIfNeeded: status.st_ino)
        byteCount = Int64(status.st_size)
        modified = Self.nanoseconds(status.st_mtim)
        changed = Self.nanoseconds(status.st_ctim)
    }

    /// The same in words, for names of what is kept of a file.
    package var text: String {
        "\(device) \(inode) \(byteCount) \(modified) \(changed) \(window.lowerBound)+\(window.count)"
    }

    private static func nanoseconds(_ time: timespec) -> Int64 {
        Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
    }
}
