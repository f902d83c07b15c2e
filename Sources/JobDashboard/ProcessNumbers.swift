internal import Glibc
internal import Processes

extension MetricsText.Process {
    /// Of this process, now.
    package static func now(version: String, startSeconds: Double) -> Self {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
        return Self(
            version: version, startSeconds: startSeconds,
            cpuSeconds: seconds(usage.ru_utime) + seconds(usage.ru_stime),
            residentBytes: ProcessMemory.residentBytes())
    }

    /// Seconds since 1970.
    package static func wallSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
