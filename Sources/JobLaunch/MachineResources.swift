internal import CAllocator
internal import Files
internal import Glibc

/// What this process may use of the machine: affinity and control groups are respected.
package enum MachineResources {
    /// Processors that this process may run on, no more than its control group pays for.
    package static var cores: Int {
        var allowed =
            field("Cpus_allowed_list:", of: "/proc/self/status").map(count(ofRanges:)) ?? 0
        if allowed == 0 { allowed = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }
        // cgroup v2: "quota period" in microseconds, or "max period".
        if let text = SmallFile.text("/sys/fs/cgroup/cpu.max") {
            let fields = text.split(whereSeparator: \.isWhitespace).map(String.init)
            if fields.count == 2, let quota = Double(fields[0]), let period = Double(fields[1]),
                quota > 0, period > 0, let paid = Int(exactly: (quota / period).rounded(.up))
            {
                allowed = min(allowed, max(1, paid))
            }
        }
        return allowed
    }

    /// Bytes of memory that are available now, no more than the control group's limit.
    package static var memoryBytes: Int {
        var available = Int.max
        if let bytes = field("MemAvailable:", of: "/proc/meminfo").flatMap(bytes(ofKibibytes:)) {
            available = bytes
        }
        if let text = SmallFile.text("/sys/fs/cgroup/memory.max"),
            let limit = Int(text.filter { !$0.isWhitespace })
        {
            available = min(available, limit)
        }
        return available == .max ? 4 << 30 : available
    }

    /// The most memory that this process has had resident so far.
    package static var peakMemoryBytes: Int {
        field("VmHWM:", of: "/proc/self/status").flatMap(bytes(ofKibibytes:)) ?? 0
    }

    /// The memory that this process has resident now, after giving back what it does not use.
    package static var residentBytes: Int {
        scriptorium_allocator_trim()
        return field("VmRSS:", of: "/proc/self/status").flatMap(bytes(ofKibibytes:)) ?? 0
    }

    /// Gives large pieces of memory back to the system as soon as they are free.
    package static func giveMemoryBack() { scriptorium_allocator_be_frugal() }

    private static func bytes(ofKibibytes text: String) -> Int? {
        guard let kibibytes = Int(text), (0...(Int.max >> 10)).contains(kibibytes) else {
            return nil
        }
        return kibibytes << 10
    }

    /// The first word after `name` in a file of lines `name  value`.
    private static func field(_ name: String, of path: String) -> String? {
        for line in (SmallFile.text(path) ?? "").split(separator: "\n") where line.hasPrefix(name) {
            return line.dropFirst(name.count).split(whereSeparator: \.isWhitespace).first
                .map(String.init)
        }
        return nil
    }

    /// More than any kernel numbers.
    private static let processorsMax = 1 << 20

    /// How many numbers a list such as `0-3,8` names.
    private static func count(ofRanges text: String) -> Int {
        text.split(separator: ",").reduce(0) { total, range in
            let ends = range.split(separator: "-").compactMap { Int($0) }
            guard let first = ends.first, let last = ends.last, first <= last,
                (0..<processorsMax).contains(last), first >= 0
            else { return total }
            return total + last - first + 1
        }
    }
}

/// Files of the kernel, and other small text.
enum SmallFile {
    /// The text of a file of at most 1 MiB; nil if it cannot be read.
    static func text(_ path: String) -> String? {
        guard let bytes = try? OpenFile(path).contents(bytesMax: 1 << 20) else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }
}
