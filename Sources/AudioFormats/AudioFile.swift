internal import Files
internal import Glibc
package import SpeechTypes
internal import SystemErrors

/// An open regular file: nothing here can block on a pipe or a device.
///
/// Whoever has one reads that file, whatever its name leads to by now.
package final class AudioFile {
    /// As it was named, for messages.
    package let path: String
    package let byteCount: Int
    /// Tells this file, as it is now, from others.
    package let identity: FileIdentity
    private let descriptor: Int32
    private let progress: EngineProgress?

    package convenience init(
        opening path: String, progress: EngineProgress? = nil
    ) throws(AudioError) {
        try self.init(opening: PathBytes(path), progress: progress)
    }

    /// - Parameter progress: is told of every read.
    package init(opening bytes: PathBytes, progress: EngineProgress? = nil) throws(AudioError) {
        let path = bytes.text
        guard !bytes.bytes.contains(0) else { throw Self.openError(path, EINVAL) }
        // Without O_NONBLOCK, opening a FIFO would wait for its writer before it can be refused.
        let descriptor = bytes.withCString {
            open($0, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        }
        guard descriptor >= 0 else { throw Self.openError(path, errno) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            let code = errno
            close(descriptor)
            throw Self.openError(path, code)
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw AudioError(.audioForbiddenPath, path, "not a regular file; name an audio file")
        }
        self.path = path
        self.descriptor = descriptor
        self.progress = progress
        byteCount = Int(status.st_size)
        identity = FileIdentity(status)
    }

    deinit { close(descriptor) }

    /// The path of the file that was opened, with every link resolved; nil where the system does not say.
    ///
    /// From the system's own books: not what the name leads to by now.
    package var resolvedPath: PathBytes? {
        var target = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
        let count = readlink("/proc/self/fd/\(descriptor)", &target, target.count)
        guard count > 0, count < target.count, target[0] == CChar(bitPattern: UInt8(ascii: "/"))
        else { return nil }
        return PathBytes(bytes: target[..<count].lazy.map { UInt8(bitPattern: $0) })
    }

    /// Bytes from `offset` on, as many as there are up to `count`.
    package func bytes(at offset: Int, count: Int) throws(AudioError) -> [UInt8] {
        try mapError({ readError($0.number) }) { () throws(SystemError) in
            try DescriptorIO.bytes(of: descriptor, at: offset, count: count) { progress?.step() }
        }
    }

    /// Linux's SEEK_DATA, which needs _GNU_SOURCE to be seen.
    private static let seekData: Int32 = 3

    /// Where the first byte that is not zero stands, from `offset` on; nil if there is none.
    ///
    /// Holes of sparse files are passed over without being read.
    package func firstNonZero(from offset: Int) throws(AudioError) -> Int? {
        var offset = offset
        while offset < byteCount {
            let data = lseek(descriptor, off_t(offset), Self.seekData)
            if data < 0, errno == ENXIO { return nil }
            offset = max(offset, Int(data))
            let bytes = try bytes(at: offset, count: 1 << 18)
            if bytes.isEmpty { return nil }
            if let index = bytes.firstIndex(where: { $0 != 0 }) { return offset + index }
            offset += bytes.count
        }
        return nil
    }

    /// A second descriptor of the file, at its first byte, above the standard three; the caller
    /// closes it.
    package func duplicate() throws(AudioError) -> Int32 {
        let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 3)
        guard copy >= 0 else { throw readError(errno) }
        lseek(copy, 0, SEEK_SET)
        return copy
    }

    /// The error of a read that failed: the storage's fault, so another try may succeed.
    package func readError(_ code: Int32) -> AudioError {
        AudioError(
            .quarantinedSource, path,
            "reading failed (\(SystemError.text(of: code))); check its storage",
            class: .source)
    }

    private static func openError(_ path: String, _ code: Int32) -> AudioError {
        switch code {
        case ENOENT, ENOTDIR, ELOOP, ENAMETOOLONG, EINVAL:
            AudioError(
                .audioNotFound, path,
                "\(SystemError.text(of: code)); check the path and the audio root")
        case EACCES, EPERM:
            AudioError(
                .audioNotFound, path,
                "\(SystemError.text(of: code)); give the worker's user read access")
        case ENXIO, ENODEV, EISDIR:
            AudioError(.audioForbiddenPath, path, "not a regular file; name an audio file")
        default:
            AudioError(
                .quarantinedSource, path,
                "opening failed (\(SystemError.text(of: code))); check its storage",
                class: .source)
        }
    }
}
