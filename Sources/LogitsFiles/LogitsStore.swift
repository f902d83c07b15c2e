internal import Files
internal import Glibc
package import SpeechTypes
internal import SystemErrors
internal import Threading

/// Where the log-probabilities of a job's rows are written: a file for each, or shards of many rows.
package final class LogitsStore: Sendable {
    private let folder: String
    private let format: RecognitionOptions.LogitsFormat
    private let classes: Int
    private let shards: LogitsShards?

    /// - Returns: nil for a job that writes none.
    package init?(_ options: RecognitionOptions, classes: Int) {
        guard let folder = options.logitsDirectory else { return nil }
        self.folder = folder
        format = options.logitsFormat
        self.classes = classes
        shards = options.hasLogitsShards ? LogitsShards(in: folder) : nil
    }

    /// Begins the log-probabilities that are called `name`.
    ///
    /// - Throws: if the disk takes none.
    package func begin(_ name: String) throws(LogitsError) -> LogitsFile {
        guard let shards else {
            return try LogitsFile(folder: folder, name: name, classes: classes, format: format)
        }
        return try LogitsFile(
            to: ShardEntry("\(name).npy", of: shards), classes: classes, format: format)
    }
}

/// Files of many rows' log-probabilities, as tar archives (POSIX ustar) that only this process writes to.
///
/// A row's bytes are written first under a name that ends in `.part`, and get their own name when they are
/// on the disk: what a crash leaves has the other name, and is passed over.
final class LogitsShards: Sendable {
    /// One archive; closed when nobody writes to it any more.
    final class Shard: Sendable {
        let path: String
        let descriptor: Int32

        fileprivate init(in folder: String) throws(FileError) {
            let random = String(UInt32.random(in: 0 ... .max), radix: 16)
            path = "\(folder)/logits-\(Self.hostName)-\(getpid())-\(random).tar"
            descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
            guard descriptor >= 0 else { throw FileError(path, "write it") }
        }

        deinit { close(descriptor) }

        private static let hostName: String = {
            var bytes = [CChar](repeating: 0, count: 256)
            guard gethostname(&bytes, bytes.count - 1) == 0 else { return "host" }
            let name = bytes.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
            let isPlain = name.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
                    || (0x61...0x7A).contains(byte) || byte == 0x2D
            }
            return isPlain && !name.isEmpty
                ? String(decoding: name.prefix(64), as: UTF8.self) : "host"
        }()
    }

    private struct State {
        var shard: Shard?
        var end = 0
    }

    private let folder: String
    private let state = Guarded(State())

    /// A shard that has grown beyond this is followed by another.
    private static let shardBytes = 4 << 30

    init(in folder: String) { self.folder = folder }

    /// Adds a member, and returns when it is on the disk.
    ///
    /// - Parameter body: gives the bytes from a place on, `byteCount` of them in all.
    func add(
        _ name: String, byteCount: Int, body: (Int) throws(FileError) -> [UInt8]
    ) throws(FileError) {
        let size = PlainTarHeader.byteCount + PlainTarHeader.padded(byteCount)
        let temporary = PlainTarHeader.bytes(name: name + ".part", size: byteCount)
        let place = state.withLock { state in
            Result { () throws(FileError) in
                if state.shard == nil || state.end >= Self.shardBytes {
                    state = State(shard: try Shard(in: folder))
                }
                guard let shard = state.shard else { preconditionFailure("there is one now") }
                let start = state.end
                // Headers stand one after the other, whatever becomes of what is between.
                try Self.write(temporary, to: shard, at: start)
                state.end += size
                return (shard, start)
            }
        }
        let (shard, start) = try place.get()
        var offset = 0
        while offset < byteCount {
            let bytes = try body(offset)
            try Self.write(bytes, to: shard, at: start + PlainTarHeader.byteCount + offset)
            offset += bytes.count
        }
        let padding = [UInt8](repeating: 0, count: PlainTarHeader.padded(byteCount) - byteCount)
        try Self.write(padding, to: shard, at: start + PlainTarHeader.byteCount + byteCount)
        try Self.sync(shard)
        try Self.write(PlainTarHeader.bytes(name: name, size: byteCount), to: shard, at: start)
        try Self.sync(shard)
    }

    private static func write(
        _ bytes: [UInt8], to shard: Shard, at offset: Int
    ) throws(FileError) {
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                pwrite(
                    shard.descriptor, buffer.baseAddress.map { $0 + done }, bytes.count - done,
                    off_t(offset + done))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw FileError(shard.path, "write it") }
            done += count
        }
    }

    private static func sync(_ shard: Shard) throws(FileError) {
        guard fdatasync(shard.descriptor) == 0 else { throw FileError(shard.path, "sync it") }
    }
}

/// The bytes of one row while its frames come, in memory or, of a long recording, in a file without a name.
private final class ShardEntry: LogitsTarget {
    private let name: String
    private let shards: LogitsShards
    private var head: [UInt8] = []
    private var buffer: [UInt8] = []
    private var spill: Int32 = -1
    private var spilled = 0

    private static let bufferBytesMax = 1 << 20

    init(_ name: String, of shards: LogitsShards) {
        self.name = name
        self.shards = shards
    }

    deinit { if spill >= 0 { close(spill) } }

    func write(_ bytes: [UInt8]) throws(FileError) {
        // The first bytes are the header, which is known at the end.
        if head.isEmpty {
            head = bytes
            return
        }
        buffer += bytes
        guard buffer.count >= Self.bufferBytesMax else { return }
        if spill < 0 { spill = try AnonymousFile.open() }
        try mapError({ FileError(name, "keep it for a while", $0) }) { () throws(SystemError) in
            try DescriptorIO.write(buffer, to: spill)
        }
        spilled += buffer.count
        buffer.removeAll(keepingCapacity: true)
    }

    func overwrite(_ bytes: [UInt8], at offset: Int) throws(FileError) {
        precondition(offset == 0 && bytes.count == head.count, "only the header changes")
        head = bytes
    }

    func commit() throws(FileError) {
        let (head, buffer, spill, spilled) = (head, buffer, spill, spilled)
        let name = name
        try shards.add(name, byteCount: head.count + spilled + buffer.count) {
            offset throws(FileError) in
            if offset < head.count { return Array(head[offset...]) }
            let position = offset - head.count
            if position >= spilled { return Array(buffer[(position - spilled)...]) }
            let bytes = try mapError({ FileError(name, "read it again", $0) }) {
                () throws(SystemError) in
                try DescriptorIO.bytes(
                    of: spill, at: position,
                    count: min(DescriptorIO.blockBytes, spilled - position)
                ) {}
            }
            guard !bytes.isEmpty else { throw FileError(name, "read it again", SystemError(EIO)) }
            return bytes
        }
    }
}
