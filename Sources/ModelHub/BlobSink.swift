internal import Files
internal import Glibc
internal import HTTPTransfer
internal import SystemErrors

/// Appends what arrives to a file that an earlier try may have begun.
final class BlobSink {
    /// Bytes in the file.
    private(set) var count: Int
    private let path: String
    private let file: String
    private let size: Int
    private let report: (HubProgress) -> Void
    private let descriptor: Int32
    private var failure: HubError?
    private var hasBegun = false
    private var reported: Int

    private static let reportBytes = 4 << 20

    init(
        _ path: String, file: String, size: Int, report: @escaping (HubProgress) -> Void
    ) throws(HubError) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw CacheFiles.failure("write", path) }
        self.path = path
        self.file = file
        self.size = size
        self.report = report
        self.descriptor = descriptor
        count = CacheFiles.size(path) ?? 0
        reported = count
        if count > size { try restart() }
        guard lseek(descriptor, count, SEEK_SET) == count else {
            throw CacheFiles.failure("write", path)
        }
    }

    deinit { close(descriptor) }

    /// Takes a piece of an answer's body; false if it cannot be kept.
    func receive(_ head: HTTPClient.Head, _ bytes: UnsafeRawBufferPointer) -> Bool {
        guard head.status == 200 || head.status == 206 else { return true }
        do throws(HubError) {
            try begin(head)
            guard bytes.count <= size - count else {
                throw HubError(
                    .checksum, "\(file) is longer than the \(size) bytes that were announced")
            }
            try write(bytes)
        } catch {
            failure = error
            return false
        }
        if count - reported >= Self.reportBytes || count == size {
            reported = count
            report(.downloading(file: file, bytes: count, total: size))
        }
        return true
    }

    /// Throws what went wrong while receiving, and puts the bytes on disk.
    func check() throws(HubError) {
        if let failure { throw failure }
        guard fsync(descriptor) == 0 else { throw CacheFiles.failure("write", path) }
    }

    /// Throws away what is there.
    func restart() throws(HubError) {
        guard ftruncate(descriptor, 0) == 0, lseek(descriptor, 0, SEEK_SET) == 0 else {
            throw CacheFiles.failure("write", path)
        }
        count = 0
        reported = 0
    }

    /// Finds out, before the first byte is kept, whether the answer continues the file.
    private func begin(_ head: HTTPClient.Head) throws(HubError) {
        guard !hasBegun else { return }
        hasBegun = true
        if head.status == 206 {
            guard head.fields["content-range"]?.hasPrefix("bytes \(count)-") == true else {
                throw HubError(
                    .unexpected, "\(file): the hub continues at another place than asked")
            }
        } else if count > 0 {
            try restart()
        }
    }

    private func write(_ bytes: UnsafeRawBufferPointer) throws(HubError) {
        try mapError({ CacheFiles.failure("write", path, $0.number) }) { () throws(SystemError) in
            try DescriptorIO.write(bytes, to: descriptor)
        }
        count += bytes.count
    }
}
