internal import Files
internal import Glibc
internal import SystemErrors
internal import Threading

/// The lines of an output, one at a time, where they lie in a buffer.
package struct RecordLines {
    private let path: String

    /// A day's record with the times of all its characters has some tens of megabytes.
    static let lineBytesMax = 64 << 20
    private static let blockBytes = 1 << 20

    package init(_ path: String) { self.path = path }

    /// Calls `body` with each line that is not blank, and its 1-based number.
    ///
    /// - Throws: `unreadable`, `invalidRecord` for a line beyond the limit, or what `body` throws.
    package func forEach(
        _ body: (UnsafeRawBufferPointer, Int) throws(ExportError) -> Void
    ) throws(ExportError) {
        try forEachWhile { line, number throws(ExportError) in
            try body(line, number)
            return true
        }
    }

    /// As ``forEach(_:)``, until `body` returns false.
    package func forEachWhile(
        _ body: (UnsafeRawBufferPointer, Int) throws(ExportError) -> Bool
    ) throws(ExportError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw ExportError(.unreadable, FileError(path, "read it")) }
        defer { close(descriptor) }
        var status = stat()
        if fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG {
            WorkMeter.shared.expect(Int(status.st_size), .bytes)
        }
        var buffer = [UInt8](repeating: 0, count: 2 * Self.blockBytes)
        var start = 0
        var end = 0
        /// Up to where the buffer is known to have no line end.
        var searched = 0
        var number = 0
        while true {
            if let lineEnd = Self.lineEnd(in: buffer, searched..<end) {
                number += 1
                guard try Self.hand(buffer, start..<lineEnd, number, body) else { return }
                start = lineEnd + 1
                searched = start
                continue
            }
            guard end - start <= Self.lineBytesMax else {
                throw ExportError(
                    .invalidRecord,
                    "line \(number + 1) of \(path) is longer than \(Self.lineBytesMax >> 20) MiB, "
                        + "which no record is")
            }
            if start > 0 {
                buffer.withUnsafeMutableBytes { bytes in
                    let rest = UnsafeRawBufferPointer(rebasing: bytes[start..<end])
                    UnsafeMutableRawBufferPointer(rebasing: bytes[..<rest.count])
                        .copyMemory(from: rest)
                }
                end -= start
                start = 0
            }
            searched = end
            if buffer.count - end < Self.blockBytes {
                buffer += repeatElement(0, count: buffer.count)
            }
            let count = try fill(&buffer, from: end, descriptor)
            if count == 0 { break }
            end += count
            WorkMeter.shared.advance(count, .bytes)
        }
        if end > start { _ = try Self.hand(buffer, start..<end, number + 1, body) }
    }

    private func fill(
        _ buffer: inout [UInt8], from end: Int, _ descriptor: Int32
    ) throws(ExportError) -> Int {
        let result = buffer.withUnsafeMutableBytes { bytes in
            Result { () throws(SystemError) in
                try DescriptorIO.read(
                    descriptor,
                    into: UnsafeMutableRawBufferPointer(
                        rebasing: bytes[end..<end + Self.blockBytes]))
            }
        }
        do throws(SystemError) {
            return try result.get()
        } catch {
            throw ExportError(.unreadable, FileError(path, "read it", error))
        }
    }

    private static func lineEnd(in buffer: [UInt8], _ range: Range<Int>) -> Int? {
        buffer.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress,
                let place = memchr(base + range.lowerBound, 0x0A, range.count)
            else { return nil }
            return base.distance(to: UnsafeRawPointer(place))
        }
    }

    private static func hand(
        _ buffer: [UInt8], _ range: Range<Int>, _ number: Int,
        _ body: (UnsafeRawBufferPointer, Int) throws(ExportError) -> Bool
    ) throws(ExportError) -> Bool {
        let result = buffer.withUnsafeBytes { bytes in
            Result { () throws(ExportError) in
                let line = UnsafeRawBufferPointer(rebasing: bytes[range])
                guard line.contains(where: { $0 > 0x20 }) else { return true }
                return try body(line, number)
            }
        }
        return try result.get()
    }
}
