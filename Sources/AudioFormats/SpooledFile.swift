package import Files
internal import Glibc
package import SpeechTypes
package import SystemErrors
internal import Threading

/// A recording that comes from elsewhere, in a file without a name: it is gone with its last reader.
package final class SpooledFile: Sendable {
    /// What messages call it.
    package let name: String
    private let descriptor: Int32
    private let described = Guarded("")

    /// A day of eight channels at 16 kHz and 16 bits has 22 GB; nobody's archive needs that in one piece.
    package static let bytesMax = 8 << 30

    /// - Throws: if the folder for temporary files takes none.
    package init(_ name: String) throws(FileError) {
        self.name = name
        descriptor = try AnonymousFile.open()
    }

    deinit { close(descriptor) }

    /// Appends bytes.
    package func write(_ bytes: UnsafeRawBufferPointer) throws(SystemError) {
        try DescriptorIO.write(bytes, to: descriptor)
    }

    /// Appends bytes.
    package func write(_ bytes: [UInt8]) throws(SystemError) {
        try DescriptorIO.write(bytes, to: descriptor)
    }

    /// Says what object of a server it holds.
    package func describe(_ object: String) { described.withLock { $0 = object } }

    /// Forgets what was written.
    package func restart() throws(SystemError) {
        guard ftruncate(descriptor, 0) == 0, lseek(descriptor, 0, SEEK_SET) == 0 else {
            throw SystemError(errno)
        }
    }

    /// The audio, for one reader more, from its first byte on.
    ///
    /// - Parameter progress: is told of every read.
    package func file(progress: EngineProgress?) throws(AudioError) -> AudioFile {
        try AudioFile(
            reopening: descriptor, path: name, object: described.withLock { $0 },
            progress: progress)
    }
}
