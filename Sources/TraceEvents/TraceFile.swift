internal import Glibc
internal import StrictJSON
package import SystemErrors
internal import Threading

/// What threads did and when, in a file that Chrome (chrome://tracing) and Perfetto (ui.perfetto.dev) show: their
/// array of JSON objects, a line each.
///
/// The array is never closed, which both take: a process that is killed has written all but its last second. Several
/// processes of a machine may write to one file, since times are of the system's monotonic clock and lines are
/// appended whole.
package final class TraceFile: Sendable {
    private struct State {
        var bytes: [UInt8] = []
        var events = 0
        var flushedAt = 0
    }

    private let descriptor: Int32
    private let state = Guarded(State())

    /// Events of one process; what comes later is left out, and a last event says so.
    package static let eventsMax = 500_000
    /// Shorter ones are not seen in a picture of a job, and there are very many of them.
    package static let nanosecondsMin = 50_000
    private static let flushBytes = 32 << 10
    private static let flushNanoseconds = 1_000_000_000

    package enum Fault: Error, Hashable, Sendable, CustomStringConvertible {
        case system(SystemError)
        /// The file is there, and is no trace.
        case otherFile

        package var description: String {
            switch self {
            case .system(let error): "\(error)"
            case .otherFile: "it is there and is no trace; name another file"
            }
        }
    }

    /// - Parameters:
    ///   - process: what people call this process.
    ///   - joins: another process has begun the file; otherwise it begins now, in the place of an older trace.
    package init(_ path: String, process: String, joins: Bool) throws(Fault) {
        descriptor = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw .system(.last) }
        var isKept = false
        defer { if !isKept { close(descriptor) } }
        var first: UInt8 = 0
        let count = pread(descriptor, &first, 1, 0)
        guard count >= 0 else { throw .system(.last) }
        guard count == 0 || first == UInt8(ascii: "[") else { throw .otherFile }
        if !joins {
            guard ftruncate(descriptor, 0) == 0 else { throw .system(.last) }
            state.withLock { $0.bytes = Array("[\n".utf8) }
        }
        isKept = true
        write("process_name", phase: "M", at: 0, duration: nil, named: process)
        flush()
    }

    deinit {
        flush()
        close(descriptor)
    }

    /// What this thread did from one time to another, in nanoseconds of the monotonic clock.
    package func add(_ name: String, from: Int, to: Int) {
        guard to - from >= Self.nanosecondsMin else { return }
        write(name, phase: "X", at: from, duration: to - from, named: nil)
    }

    /// Writes what waits.
    package func flush() { state.withLock { flush(&$0) } }

    private func write(
        _ name: String, phase: String, at time: Int, duration: Int?, named: String?
    ) {
        let thread = Int(truncatingIfNeeded: UInt(pthread_self()) >> 12 & 0x7FFF_FFFF)
        state.withLock { state in
            guard state.events < Self.eventsMax else { return }
            state.events += 1
            let isLast = state.events == Self.eventsMax
            var json = JSONWriter()
            json.beginObject()
            json.member("name", isLast ? "the trace is full" : name)
            json.member("ph", isLast ? "I" : phase)
            json.member("pid", Int(getpid()))
            json.member("tid", thread)
            json.member("ts", Double(time) / 1_000)
            if let duration, !isLast { json.member("dur", Double(duration) / 1_000) }
            if let named {
                json.key("args")
                json.beginObject()
                json.member("name", named)
                json.endObject()
            }
            json.endObject()
            state.bytes += json.bytes + Array(",\n".utf8)
            let now = MonotonicClock.nanoseconds()
            if state.bytes.count >= Self.flushBytes || isLast
                || now - state.flushedAt >= Self.flushNanoseconds
            {
                state.flushedAt = now
                flush(&state)
            }
        }
    }

    /// A disk that takes nothing loses a part of the trace, and nothing of the job.
    private func flush(_ state: inout State) {
        guard !state.bytes.isEmpty else { return }
        _ = state.bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
        state.bytes.removeAll(keepingCapacity: true)
    }
}
