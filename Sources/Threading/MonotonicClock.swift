internal import Glibc

/// Time that never jumps; the wall clock decides nothing in the cluster.
package enum MonotonicClock {
    package static func nanoseconds() -> Int {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        return now.tv_sec * 1_000_000_000 + now.tv_nsec
    }

    package static func milliseconds() -> Int { nanoseconds() / 1_000_000 }
}
