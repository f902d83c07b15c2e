internal import Digests
internal import Files
internal import Glibc
package import SpeechTypes
internal import SystemErrors
internal import Threading

/// One line of an input.
package struct ManifestLine: Hashable, Sendable {
    /// Where it begins, in bytes from the start of the file.
    package let offset: Int
    /// 1-based, blank lines included.
    package let number: Int
    /// Without the line end; of a line beyond the limit, one byte more than the limit.
    package let bytes: [UInt8]

    /// Nothing but white space.
    package var isBlank: Bool { bytes.allSatisfy { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D } }
}

/// The lines of a file, pipe or standard input, one at a time and each of bounded length.
///
/// A byte order mark, CRLF and a missing last line end are fine; UTF-16 and UTF-32 are refused, since
/// every line of theirs would be an error of its own.
package final class LineReader {
    private let descriptor: Int32
    private let path: String
    private let ownsDescriptor: Bool
    private var buffer = [UInt8](repeating: 0, count: 1 << 18)
    private var position = 0
    private var end = 0
    private var isAtEnd = false
    private var hasher: SHA256Hasher?
    private var lineNumber = 0
    /// Bytes taken so far.
    private(set) var byteCount = 0

    /// Opens a file, or standard input for `-`.
    ///
    /// - Parameter digesting: also compute the digest of all bytes.
    package init(_ path: PathBytes, digesting: Bool = false) throws(ManifestError) {
        self.path = path.text
        ownsDescriptor = path != "-"
        descriptor =
            ownsDescriptor
            ? path.withCString { open($0, O_RDONLY | O_CLOEXEC) } : STDIN_FILENO
        guard descriptor >= 0 else { throw .system(.unreadable, path.text, "open it") }
        hasher = digesting ? SHA256Hasher() : nil
        var status = stat()
        if fstat(descriptor, &status) == 0, status.isRegularFile {
            WorkMeter.shared.expect(Int(status.st_size), .bytes)
        }
    }

    package convenience init(_ path: String, digesting: Bool = false) throws(ManifestError) {
        try self.init(PathBytes(path), digesting: digesting)
    }

    /// The first bytes of a file, whatever they are.
    package static func head(of path: PathBytes) throws(ManifestError) -> [UInt8] {
        let reader = try LineReader(path)
        try reader.fill()
        return Array(reader.buffer[..<min(reader.end, TextEncoding.headBytes)])
    }

    deinit {
        if ownsDescriptor, descriptor >= 0 { close(descriptor) }
    }

    /// The next line that is not blank.
    package func nextRow() throws(ManifestError) -> ManifestLine? {
        while let line = try next() {
            if !line.isBlank { return line }
        }
        return nil
    }

    /// The next line; nil at the end.
    package func next() throws(ManifestError) -> ManifestLine? {
        let kept = ManifestLimits.lineBytesMax + 2
        if byteCount == 0 {
            try refuseOtherEncodings()
            try skipByteOrderMark()
        }
        var bytes: [UInt8] = []
        var length = 0
        let start = byteCount
        while true {
            if position == end {
                try fill()
                if position == end {
                    guard length > 0 else { return nil }
                    break
                }
            }
            let (count, found) = scan()
            bytes += buffer[position..<position + min(count, kept - bytes.count)]
            length += count
            position += count + (found ? 1 : 0)
            byteCount += count + (found ? 1 : 0)
            if found { break }
        }
        lineNumber += 1
        Self.trim(&bytes, isWhole: length <= kept)
        return ManifestLine(offset: start, number: lineNumber, bytes: bytes)
    }

    /// The digest of everything that was read.
    ///
    /// - Precondition: opened for it, and read to the end.
    func finishDigest() -> ContentDigest {
        guard let hasher = hasher.take() else { preconditionFailure("opened without a digest") }
        return hasher.finalize()
    }

    /// Without the carriage return of a CRLF, and at most one byte beyond the limit.
    static func trim(_ line: inout [UInt8], isWhole: Bool) {
        if isWhole, line.last == 0x0D { line.removeLast() }
        line.removeLast(max(0, line.count - ManifestLimits.lineBytesMax - 1))
    }

    /// Bytes up to the next line feed or the end of the buffer, and which of both it was.
    private func scan() -> (count: Int, found: Bool) {
        buffer.withUnsafeBytes { bytes in
            guard let start = bytes.baseAddress.map({ $0 + position }),
                let place = memchr(start, 0x0A, end - position)
            else { return (end - position, false) }
            return (UnsafeRawPointer(place) - start, true)
        }
    }

    private func refuseOtherEncodings() throws(ManifestError) {
        while end - position < TextEncoding.markBytes, !isAtEnd { try fill() }
        guard let name = TextEncoding.name(of: buffer[position..<end]) else { return }
        throw ManifestError(
            .encoding, path,
            "encoded in \(name); make it UTF-8 first, for example: iconv -f \(name) -t UTF-8")
    }

    private func skipByteOrderMark() throws(ManifestError) {
        while end - position < 3, !isAtEnd { try fill() }
        if end - position >= 3, buffer[position..<position + 3] == [0xEF, 0xBB, 0xBF] {
            position += 3
            byteCount += 3
        }
    }

    /// Reads more bytes behind those that are left.
    private func fill() throws(ManifestError) {
        if position > 0 {
            buffer.withUnsafeMutableBytes { bytes in
                guard let base = bytes.baseAddress else { return }
                memmove(base, base + position, end - position)
            }
            end -= position
            position = 0
        }
        while !isAtEnd {
            let result = buffer.withUnsafeMutableBytes { bytes in
                Result { () throws(SystemError) in
                    try DescriptorIO.read(
                        descriptor, into: UnsafeMutableRawBufferPointer(rebasing: bytes[end...]))
                }
            }
            let got = try mapError({ ManifestError.input(FileError(path, "read it", $0)) }) {
                () throws(SystemError) in try result.get()
            }
            if got == 0 {
                isAtEnd = true
            } else {
                buffer.withUnsafeBytes { bytes in
                    hasher?.update(UnsafeRawBufferPointer(rebasing: bytes[end..<end + got]))
                }
                end += got
                WorkMeter.shared.advance(got, .bytes)
            }
            return
        }
    }
}
