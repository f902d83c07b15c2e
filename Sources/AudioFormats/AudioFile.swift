internal import Files
internal import Glibc
package import SpeechTypes
internal import SystemErrors

/// An open regular file, or a part of one: nothing here can block on a pipe or a device.
///
/// Whoever has one reads that file, whatever its name leads to by now. A name like
/// `audio.zip:4096:96044` (``ByteRange``) means the part, unless a file is called so: all offsets then
/// count from its first byte, and no decoder sees anything else.
package final class AudioFile {
    /// As it was named, for messages.
    package let path: String
    package let byteCount: Int
    /// Tells this file, as it is now, from others.
    package let identity: FileIdentity
    /// It is only a part of the file that the descriptor is of.
    package let isPart: Bool
    /// Tells the object of a server that it was fetched from, as it was then; empty for files of this machine.
    package let object: String
    private let start: Int
    private let descriptor: Int32
    private let progress: EngineProgress?

    package convenience init(
        opening path: String, progress: EngineProgress? = nil
    ) throws(AudioError) {
        try self.init(opening: PathBytes(path), progress: progress)
    }

    /// - Parameter progress: is told of every read.
    package convenience init(opening bytes: PathBytes, progress: EngineProgress? = nil)
        throws(AudioError)
    {
        let path = bytes.text
        guard !bytes.bytes.contains(0) else { throw Self.openError(path, EINVAL) }
        // Without O_NONBLOCK, opening a FIFO would wait for its writer before it can be refused.
        let descriptor = bytes.withCString {
            open($0, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        }
        guard descriptor >= 0 else {
            let code = errno
            guard [ENOENT, ENOTDIR, ENAMETOOLONG].contains(code), let range = ByteRange(bytes)
            else { throw Self.openError(path, code) }
            let whole = try AudioFile(opening: range.file, progress: progress)
            try self.init(range, of: whole, path: path)
            return
        }
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
        self.init(
            descriptor, status, window: 0..<Int(status.st_size), isPart: false, path: path,
            progress: progress)
    }

    /// A regular file that is open already, whether or not it has a name; `descriptor` stays the caller's.
    ///
    /// It is opened anew: a copy of the descriptor would share its position, which decoders move, with
    /// those who read the same file on other threads.
    ///
    /// - Parameters:
    ///   - path: what messages call it.
    ///   - object: what it was fetched from.
    ///   - progress: is told of every read.
    package convenience init(
        reopening descriptor: Int32, path: String, object: String = "",
        progress: EngineProgress? = nil
    ) throws(AudioError) {
        var status = stat()
        let own = open("/proc/self/fd/\(descriptor)", O_RDONLY | O_CLOEXEC)
        guard own >= 0, fstat(own, &status) == 0 else {
            let code = errno
            if own >= 0 { close(own) }
            throw Self.openError(path, code)
        }
        self.init(
            own, status, window: 0..<Int(status.st_size), isPart: false, path: path,
            object: object, progress: progress)
    }

    private init(
        _ descriptor: Int32, _ status: stat, window: Range<Int>, isPart: Bool, path: String,
        object: String = "", progress: EngineProgress?
    ) {
        self.object = object
        self.path = path
        self.descriptor = descriptor
        self.progress = progress
        self.isPart = isPart
        start = window.lowerBound
        byteCount = window.count
        identity = FileIdentity(status, window: window)
    }

    /// A part of a file that is open.
    private convenience init(
        _ range: ByteRange, of whole: AudioFile, path: String
    ) throws(AudioError) {
        let length: Int
        if let stated = range.length {
            length = stated
        } else {
            length = try Self.waveLength(in: whole, at: range.offset, path)
        }
        guard range.offset <= whole.byteCount, length <= whole.byteCount - range.offset else {
            throw AudioError(
                .audioDamaged, path,
                "the file has \(whole.byteCount) bytes, so that \(length) from \(range.offset) on are "
                    + "not all there; is the list of this file?")
        }
        try self.init(range.offset..<range.offset + length, of: whole, path: path)
    }

    /// A part of a file that is open.
    ///
    /// - Precondition: the file has all of it.
    /// - Parameter path: what messages call it.
    package convenience init(
        _ part: Range<Int>, of whole: AudioFile, path: String
    ) throws(AudioError) {
        precondition(part.lowerBound >= 0 && part.upperBound <= whole.byteCount, "a part of it")
        var status = stat()
        let descriptor = fcntl(whole.descriptor, F_DUPFD_CLOEXEC, 3)
        guard descriptor >= 0, fstat(descriptor, &status) == 0 else {
            let code = errno
            if descriptor >= 0 { close(descriptor) }
            throw whole.readError(code)
        }
        let start = whole.start
        self.init(
            descriptor, status,
            window: start + part.lowerBound..<start + part.upperBound, isPart: true,
            path: path, object: whole.object, progress: whole.progress)
    }

    /// The length of a WAV file inside an archive, by its header: archives of Kaldi do not tell it.
    private static func waveLength(
        in archive: AudioFile, at offset: Int, _ path: String
    ) throws(AudioError) -> Int {
        let head = try archive.bytes(at: offset, count: 12)
        guard head.count == 12, head.starts(with: "RIFF".utf8),
            head[8...].elementsEqual("WAVE".utf8)
        else {
            throw AudioError(
                .audioUnsupported, path,
                "no WAV file stands at byte \(offset), and of others the length must be named "
                    + "(FILE:OFFSET:LENGTH); take the recordings out of the archive")
        }
        return 8 + head[4..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
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
        guard let progress else { return try read(at: offset, count: count) }
        return try progress.during(.fetch) { () throws(AudioError) in
            try read(at: offset, count: count)
        }
    }

    private func read(at offset: Int, count: Int) throws(AudioError) -> [UInt8] {
        try mapError({ readError($0.number) }) { () throws(SystemError) in
            try DescriptorIO.bytes(
                of: descriptor, at: start + offset,
                count: isPart ? max(0, min(count, byteCount - offset)) : count
            ) { progress?.step() }
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
            let data = lseek(descriptor, off_t(start + offset), Self.seekData)
            if data < 0, errno == ENXIO { return nil }
            offset = max(offset, Int(data) - start)
            let bytes = try bytes(at: offset, count: 1 << 18)
            if bytes.isEmpty { return nil }
            if let index = bytes.firstIndex(where: { $0 != 0 }) { return offset + index }
            offset += bytes.count
        }
        return nil
    }

    /// What a part may have that is copied for a decoder which wants a file of its own.
    private static let copiedBytesMax = 1 << 30

    /// A second descriptor of the file, at its first byte, above the standard three; the caller
    /// closes it.
    ///
    /// A part is copied to a file of its own, which has no name.
    package func duplicate() throws(AudioError) -> Int32 {
        if isPart { return try copy() }
        let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 3)
        guard copy >= 0 else { throw readError(errno) }
        lseek(copy, 0, SEEK_SET)
        return copy
    }

    private func copy() throws(AudioError) -> Int32 {
        guard byteCount <= Self.copiedBytesMax else {
            throw AudioError(
                .audioUnsupported, path,
                "a part of an archive in a type that only ffmpeg decodes may have 1 GiB; take it out "
                    + "of the archive")
        }
        let copy = try mapError({ Self.storageError(path, "\($0)") }) { () throws(FileError) in
            try AnonymousFile.open()
        }
        do throws(AudioError) {
            var offset = 0
            while offset < byteCount {
                let block = try bytes(at: offset, count: DescriptorIO.blockBytes)
                if block.isEmpty { break }
                try mapError({ Self.storageError(path, "\($0)") }) { () throws(SystemError) in
                    try DescriptorIO.write(block, to: copy)
                }
                offset += block.count
            }
        } catch {
            close(copy)
            throw error
        }
        lseek(copy, 0, SEEK_SET)
        return copy
    }

    private static func storageError(_ path: String, _ reason: String) -> AudioError {
        AudioError(
            .quarantinedSource, path,
            "the part of the archive cannot be copied for its decoder: \(reason)", class: .source)
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
