internal import Glibc
package import SpeechTypes
internal import SystemErrors

/// A file that is open for reading, from its start or anywhere; closed when this goes.
package final class OpenFile: Sendable {
    /// As it was named, for messages.
    package let path: String
    package let descriptor: Int32

    /// - Throws: if the file cannot be opened.
    package convenience init(_ path: String) throws(FileError) { try self.init(PathBytes(path)) }

    /// - Throws: if the file cannot be opened.
    package init(_ path: PathBytes) throws(FileError) {
        self.path = path.text
        descriptor = path.withCString { open($0, O_RDONLY | O_CLOEXEC) }
        guard descriptor >= 0 else { throw FileError(path.text, "open it") }
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// The file; nil if there is none.
    ///
    /// - Throws: if it is there and cannot be opened.
    package static func ifPresent(_ path: PathBytes) throws(FileError) -> OpenFile? {
        do throws(FileError) {
            return try OpenFile(path)
        } catch {
            guard error.isMissing else { throw error }
            return nil
        }
    }

    /// The bytes that it has now; nil where the system does not say.
    package var byteCount: Int? {
        var status = stat()
        return fstat(descriptor, &status) == 0 ? Int(status.st_size) : nil
    }

    /// Reads what comes next, at least one byte; 0 at the end.
    ///
    /// - Throws: if the system cannot read.
    package func read(into buffer: UnsafeMutableRawBufferPointer) throws(FileError) -> Int {
        try mapError(failure) { () throws(SystemError) in
            try DescriptorIO.read(descriptor, into: buffer)
        }
    }

    /// The bytes from `offset` on, as many as there are up to `count`.
    ///
    /// - Throws: if the system cannot read.
    package func bytes(at offset: Int, count: Int) throws(FileError) -> [UInt8] {
        try mapError(failure) { () throws(SystemError) in
            try DescriptorIO.bytes(of: descriptor, at: offset, count: count)
        }
    }

    /// Calls `body` with what comes up to the end, block after block.
    ///
    /// - Throws: if the system cannot read.
    package func forEachBlock(_ body: (UnsafeRawBufferPointer) -> Void) throws(FileError) {
        try mapError(failure) { () throws(SystemError) in
            try DescriptorIO.forEachBlock(of: descriptor, body)
        }
    }

    /// All that comes up to the end; nil if it is more than `bytesMax`.
    ///
    /// - Throws: if the system cannot read.
    package func contents(bytesMax: Int) throws(FileError) -> [UInt8]? {
        try mapError(failure) { () throws(SystemError) in
            try DescriptorIO.contents(of: descriptor, bytesMax: bytesMax)
        }
    }

    private func failure(_ cause: SystemError) -> FileError { FileError(path, "read it", cause) }
}
