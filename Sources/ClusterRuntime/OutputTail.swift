internal import Files
internal import Glibc
internal import Processes
internal import Threading

/// Reads a descriptor to its end and keeps the last lines.
final class OutputTail: Sendable {
    private let lines = Guarded<[String]>([])
    private let thread: DedicatedThread

    private static let linesMax = 20
    private static let lineBytesMax = 500

    /// Reads on a thread of its own, and closes `descriptor` at its end.
    init(of descriptor: Int32, onLine: @escaping @Sendable (String) -> Void) throws(RuntimeError) {
        let lines = lines
        thread = try DedicatedThread.ofService {
            var partial: [UInt8] = []
            var chunk = [UInt8](repeating: 0, count: 4_096)
            while true {
                let count = chunk.withUnsafeMutableBytes { buffer in
                    (try? DescriptorIO.read(descriptor, into: buffer)) ?? 0
                }
                if count == 0 { break }
                for byte in chunk.prefix(count) {
                    if byte == 0x0A {
                        Self.keep(&partial, in: lines, onLine)
                    } else if partial.count < Self.lineBytesMax {
                        partial.append(byte)
                    }
                }
            }
            if !partial.isEmpty { Self.keep(&partial, in: lines, onLine) }
            close(descriptor)
        }
    }

    /// The last lines, once the other end is closed or a moment has passed: a process started by
    /// the one that was watched may hold the other end for long.
    func last() -> [String] {
        _ = thread.join(milliseconds: 200)
        return lines.withLock { $0 }
    }

    private static func keep(
        _ partial: inout [UInt8], in lines: Guarded<[String]>, _ onLine: (String) -> Void
    ) {
        let line = String(decoding: partial, as: UTF8.self)
        partial = []
        lines.withLock { lines in
            lines.append(line)
            if lines.count > linesMax { lines.removeFirst() }
        }
        onLine(line)
    }
}
