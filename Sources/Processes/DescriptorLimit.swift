internal import Glibc

/// Open files of this process: each connection is one.
package enum DescriptorLimit {
    /// More than any fleet needs; systems without a limit would give a billion.
    private static let most: rlim_t = 1 << 16

    /// Asks for as many as the system gives; the number that is allowed then.
    ///
    /// At the limit libzmq's accept loop spins and nobody gets in, legitimate workers neither.
    package static func raise() -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 0 }
        let wanted = min(limit.rlim_max, most)
        if limit.rlim_cur < wanted {
            limit.rlim_cur = wanted
            setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
            getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        }
        return Int(clamping: limit.rlim_cur)
    }
}
