internal import Glibc

/// What this process takes of the machine.
package enum ProcessMemory {
    /// Memory that the process holds, in bytes; 0 where the system does not say.
    ///
    /// The second number of /proc/self/statm (proc(5)).
    package static func residentBytes() -> Int {
        let descriptor = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return 0 }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 256)
        let count = read(descriptor, &bytes, bytes.count)
        let words = String(decoding: bytes.prefix(max(0, count)), as: UTF8.self).split(
            separator: " ")
        let pages = words.count > 1 ? Int(words[1]) ?? 0 : 0
        return pages * sysconf(Int32(_SC_PAGESIZE))
    }
}
