internal import Glibc

/// What this process may use of the machine: affinity and control groups are respected.
enum MachineResources {
    /// Processors that this process may run on, no more than its control group pays for.
    static var cores: Int {
        var set = cpu_set_t()
        let size = MemoryLayout<cpu_set_t>.size
        var allowed = 0
        if sched_getaffinity(0, size, &set) == 0 {
            allowed = withUnsafeBytes(of: &set) { $0.reduce(0) { $0 + $1.nonzeroBitCount } }
        }
        if allowed == 0 { allowed = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }
        // cgroup v2: "quota period" in microseconds, or "max period".
        if let text = SmallFile.text("/sys/fs/cgroup/cpu.max") {
            let fields = text.split(whereSeparator: \.isWhitespace).map(String.init)
            if fields.count == 2, let quota = Double(fields[0]), let period = Double(fields[1]),
                quota > 0, period > 0
            {
                allowed = min(allowed, max(1, Int((quota / period).rounded(.up))))
            }
        }
        return allowed
    }

    /// Bytes of memory that are available now, no more than the control group's limit.
    static var memoryBytes: Int {
        var available = Int.max
        for line in (SmallFile.text("/proc/meminfo") ?? "").split(separator: "\n")
        where line.hasPrefix("MemAvailable:") {
            let fields = line.split(separator: " ")
            if fields.count >= 2, let kibibytes = Int(fields[1]) { available = kibibytes << 10 }
        }
        if let text = SmallFile.text("/sys/fs/cgroup/memory.max"),
            let limit = Int(text.filter { !$0.isWhitespace })
        {
            available = min(available, limit)
        }
        return available == .max ? 4 << 30 : available
    }

    /// The most memory that this process has had resident so far.
    static var peakMemoryBytes: Int {
        for line in (SmallFile.text("/proc/self/status") ?? "").split(separator: "\n")
        where line.hasPrefix("VmHWM:") {
            let fields = line.split(whereSeparator: \.isWhitespace)
            if fields.count >= 2, let kibibytes = Int(fields[1]) { return kibibytes << 10 }
        }
        return 0
    }
}

/// Files of the kernel, and other small text.
enum SmallFile {
    /// The text of a file of at most 1 MiB; nil if it cannot be read.
    static func text(_ path: String) -> String? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let count = fread(&bytes, 1, bytes.count, file)
        return String(validating: bytes[..<count], as: UTF8.self)
    }
}
