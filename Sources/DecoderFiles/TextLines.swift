internal import Checkpoints

/// The lines of a text file that is read whole: UTF-8, without line ends (`\n` or `\r\n`).
struct TextLines {
    private let file: FileBytes

    /// - Throws: if there is no such file, or it is longer than `bytesMax`.
    init(_ path: String, bytesMax: Int) throws(DecoderFileError) {
        do throws(CheckpointError) {
            file = try FileBytes(mapping: path)
        } catch {
            throw DecoderFileError(path, error.message)
        }
        guard file.count <= bytesMax else {
            throw DecoderFileError(
                path, "it has \(file.count) bytes, and such a list has \(bytesMax) at most")
        }
    }

    /// Calls `body` with each line and its number, from 1; a byte-order mark is no part of the first.
    ///
    /// - Throws: for a line that is not UTF-8, and what `body` throws.
    func forEach(
        _ body: (String, _ number: Int) throws(DecoderFileError) -> Void
    ) throws(DecoderFileError) {
        try file.withBytes(0..<file.count) { bytes throws(DecoderFileError) in
            var start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
            var number = 0
            while start < bytes.count {
                var end = bytes[start...].firstIndex(of: 0x0A) ?? bytes.count
                let next = end + 1
                number += 1
                if end > start, bytes[end - 1] == 0x0D { end -= 1 }
                guard let line = String(validating: bytes[start..<end], as: UTF8.self) else {
                    throw DecoderFileError(file.path, line: number, "it is not UTF-8 text")
                }
                try body(line, number)
                start = next
            }
        }
    }
}
