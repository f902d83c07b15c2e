internal import Files
internal import Glibc
internal import SystemErrors

/// The bytes of one file, read-only: mapped from disk (``MappedFile``), or held in memory.
package final class FileBytes: @unchecked Sendable {  // immutable after init, and so shareable
    /// Device, inode, size and time of change: equal as long as the file is.
    package struct Identity: Hashable, Sendable {
        package let device: UInt64
        package let inode: UInt64
        package let size: Int
        package let modifiedNanoseconds: Int64
    }

    /// For messages.
    package let path: String
    package let count: Int
    /// Nil for bytes in memory.
    package let identity: Identity?
    private let base: UnsafeRawPointer?
    /// Nil for bytes in memory.
    private let mapped: MappedFile?

    /// Maps the regular file at `path`.
    ///
    /// - Throws: `unreadable` if it cannot be opened, is a folder or cannot be mapped.
    package init(mapping path: String) throws(CheckpointError) {
        // Without O_NONBLOCK, opening a pipe would wait for its writer.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            throw CheckpointError(.unreadable, path: path, "cannot be opened: \(Self.reason())")
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw CheckpointError(.unreadable, path: path, "cannot be examined: \(Self.reason())")
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw CheckpointError(.unreadable, path: path, "is not a regular file")
        }
        let size = Int(status.st_size)
        self.path = path
        count = size
        let (seconds, overflow) = Int64(status.st_mtim.tv_sec)
            .multipliedReportingOverflow(by: 1_000_000_000)
        identity = Identity(
            device: UInt64(status.st_dev), inode: UInt64(status.st_ino), size: size,
            modifiedNanoseconds: overflow ? 0 : seconds &+ Int64(status.st_mtim.tv_nsec))
        let mapped = try mapError({
            CheckpointError(.unreadable, path: path, "cannot be mapped: \($0.cause)")
        }) { () throws(FileError) in try MappedFile(descriptor, byteCount: size, path: path) }
        self.mapped = mapped
        base = mapped.bytes.baseAddress
    }

    /// Holds a copy of `bytes` under the name `path`.
    package init(_ bytes: [UInt8], path: String) {
        self.path = path
        count = bytes.count
        identity = nil
        mapped = nil
        let copy = UnsafeMutableRawPointer.allocate(byteCount: max(1, bytes.count), alignment: 16)
        bytes.withUnsafeBytes { source in
            if let start = source.baseAddress {
                copy.copyMemory(from: start, byteCount: source.count)
            }
        }
        base = UnsafeRawPointer(copy)
    }

    deinit { if mapped == nil { base?.deallocate() } }

    /// Calls `body` with the bytes of `range`.
    ///
    /// - Precondition: `range` lies within the file; readers have checked it.
    package func withBytes<Value, Failure: Error>(
        _ range: Range<Int>, _ body: (UnsafeRawBufferPointer) throws(Failure) -> Value
    ) throws(Failure) -> Value {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "a range beyond the file")
        defer { withExtendedLifetime(self) {} }
        return try body(
            UnsafeRawBufferPointer(start: base.map { $0 + range.lowerBound }, count: range.count))
    }

    /// A copy of the bytes of `range`.
    package func copy(_ range: Range<Int>) -> [UInt8] { withBytes(range) { Array($0) } }

    /// All bytes as text that is valid UTF-8.
    package func text() throws(CheckpointError) -> String {
        guard count <= CheckpointLimits.textFileBytesMax else {
            throw CheckpointError(
                .overLimit, path: path,
                "has \(count) bytes; a text file of a model has at most "
                    + "\(CheckpointLimits.textFileBytesMax)")
        }
        guard let text = withBytes(0..<count, { String(validating: $0, as: UTF8.self) }) else {
            throw CheckpointError(.damaged, path: path, "is not valid UTF-8 text")
        }
        return text
    }

    /// Tells the kernel that `range` is wanted soon, so that a cold file is read ahead.
    package func prefetch(_ range: Range<Int>) { mapped?.prefetch(range) }

    /// Gives the pages of `range` back; they are read again if they are looked at again.
    package func release(_ range: Range<Int>) { mapped?.release(range) }

    private static func reason() -> String { SystemError.text(of: errno) }
}
