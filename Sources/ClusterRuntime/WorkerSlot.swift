internal import Digests
internal import Files
internal import Glibc
package import Processes

/// The name of the place a worker runs in, which survives its restarts.
///
/// Made from the machine's id, not from its name: cloned machines share names. The place on the
/// machine is claimed by a file lock, so that two workers never claim one.
package final class WorkerSlot: Sendable {
    package let name: String
    /// Held open as long as the slot is claimed; nil where a name was given.
    private let lock: FileLock?

    /// A slot with a name that the operator or a parent process chose.
    package init(named name: String) {
        self.name = name
        lock = nil
    }

    /// The scheduler's place if there is one, else the first place on this machine that is free.
    package init() throws(RuntimeError) {
        if let name = Self.schedulerPlace() {
            self.name = name
            lock = nil
            return
        }
        let folder = try RuntimeFolder.path()
        for index in 0..<4_096 {
            let claimed = try mapError({ RuntimeError(.system, $0.description) }) {
                () throws(FileError) in
                try FileLock.ifFree(file: "\(folder)/slot-\(index).lock", permissions: 0o600)
            }
            if let claimed {
                name = "\(Self.machine())/\(index)"
                lock = claimed
                return
            }
        }
        throw RuntimeError(.system, "4,096 workers run here already; give this one a --slot")
    }

    /// Eight digits that tell machines apart.
    package static func machine() -> String {
        var identity: [UInt8] = []
        for path in [
            "/etc/machine-id", "/var/lib/dbus/machine-id", "/proc/sys/kernel/random/boot_id",
        ] {
            identity = (try? OpenFile(path).bytes(at: 0, count: 256)) ?? []
            if identity.count >= 32 { break }
        }
        return String(SHA256Hasher.digest(of: identity).hex.prefix(8))
    }

    /// 128 random bits that name one process, as 32 hexadecimal digits.
    package static func newInstance() -> String {
        var generator = SystemRandomNumberGenerator()
        return Hexadecimal.text(
            (0..<16).map { _ in UInt8.random(in: .min ... .max, using: &generator) })
    }

    private static func schedulerPlace() -> String? {
        func value(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
        if let job = value("SLURM_JOB_ID"), let process = value("SLURM_PROCID") {
            let task = value("SLURM_ARRAY_TASK_ID").map { "\($0)." } ?? ""
            return "slurm-\(value("SLURM_ARRAY_JOB_ID") ?? job)/\(task)\(process)"
        }
        if let index = value("JOB_COMPLETION_INDEX") { return "pod/\(index)" }
        return nil
    }
}
