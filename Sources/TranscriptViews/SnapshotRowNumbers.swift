internal import Files
internal import Glibc
internal import SystemErrors
internal import TranscriptRows

/// Which row each line of a snapshot is: `OUT.now.rows` beside `OUT.now.jsonl`.
final class SnapshotRowNumbers {
    private let descriptor: Int32
    private let path: String
    private var buffer: [UInt8] = []
    private var position = 0

    private static let bufferBytes = 1 << 16
    private static let ending = ".now.jsonl"

    /// Nil where there is no such file.
    init?(ofSnapshot snapshot: String) {
        guard snapshot.hasSuffix(Self.ending) else { return nil }
        path = snapshot.dropLast(Self.ending.count) + ".now.rows"
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        if descriptor < 0 { return nil }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// The number of the next line's row.
    ///
    /// - Throws: `unreadable` if the file does not have one.
    func next() throws(ExportError) -> Int {
        var number = 0
        var digits = 0
        while let byte = try nextByte() {
            if 0x30...0x39 ~= byte, digits < 15 {
                number = number * 10 + Int(byte - 0x30)
                digits += 1
            } else if byte == 0x0A, digits > 0 {
                return number
            } else {
                break
            }
        }
        throw ExportError(
            .unreadable,
            "\(path) does not have the row of each line of the snapshot; make both again with "
                + "scriptorium export --now")
    }

    private func nextByte() throws(ExportError) -> UInt8? {
        if position == buffer.count {
            buffer = [UInt8](repeating: 0, count: Self.bufferBytes)
            position = 0
            let descriptor = descriptor
            let result = buffer.withUnsafeMutableBytes { bytes in
                Result { () throws(SystemError) in try DescriptorIO.read(descriptor, into: bytes) }
            }
            do throws(SystemError) {
                buffer.removeLast(buffer.count - (try result.get()))
            } catch {
                throw ExportError(.unreadable, FileError(path, "read it", error))
            }
        }
        guard position < buffer.count else { return nil }
        position += 1
        return buffer[position - 1]
    }
}
