internal import ClusterProtocol
internal import Glibc

/// Whether the disk of a journal has room for what a job still writes.
struct DiskSpace: Sendable {
    /// Any file or folder on that disk.
    let path: String
    let limits: ClusterLimits

    /// Whether less is free than should be; false where the file system does not tell.
    func isShort() -> Bool {
        var space = statvfs()
        guard statvfs(path, &space) == 0, space.f_blocks > 0 else { return false }
        let unit = Double(space.f_frsize)
        let free = Double(space.f_bavail) * unit
        let share = Double(space.f_blocks) * unit / 1_000 * Double(limits.freeSpacePermille)
        return free < min(Double(limits.freeBytesMin), share)
    }
}
