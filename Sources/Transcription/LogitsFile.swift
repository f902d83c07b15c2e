internal import Files
internal import Glibc

/// Log-probabilities cannot be written; that is no fault of the row.
package struct LogitsError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What happened, and to which file.
    package let description: String

    fileprivate init(_ error: FileError) {
        description = "log-probabilities (--save-logits): \(error)"
    }
}

/// Log-probabilities of one row as `<ordinal>.npy`: float32 [frames, classes], C order.
///
/// Written aside while frames arrive and renamed when complete. The header states the number of
/// frames, known only at the end, so it is written twice at a fixed size.
/// Format: NumPy's NEP 1, version 1.0.
package final class LogitsFile {
    private let file: AtomicFile
    private let classes: Int
    private var frames = 0

    /// Bytes of the header: a multiple of 64 that holds any number of frames.
    private static let headerBytes = 128

    /// Begins `FOLDER/NAME.npy`.
    ///
    /// - Throws: if the file cannot be made.
    package init(folder: String, name: String, classes: Int) throws(LogitsError) {
        self.classes = classes
        file = try mapError(LogitsError.init) { () throws(FileError) in
            let file = try AtomicFile(
                "\(folder)/\(name).npy", writtenTo: "\(folder)/.\(name).npy.\(getpid()).part")
            try file.write([UInt8](repeating: 0x20, count: Self.headerBytes))
            return file
        }
    }

    /// Adds frames; row-major [frames, classes].
    ///
    /// - Throws: if the disk refuses them, or what was written before.
    package func append(_ values: [Float]) throws(LogitsError) {
        try mapError(LogitsError.init) { () throws(FileError) in
            try file.write(values.withUnsafeBytes { Array($0) })
        }
        frames += values.count / classes
    }

    /// Completes the header and gives the file its name.
    ///
    /// - Throws: if the disk refuses it, or what was written before.
    package func finish() throws(LogitsError) {
        var header: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0]
        let count = Self.headerBytes - 10
        header += [UInt8(count & 0xFF), UInt8(count >> 8)]
        var text = "{'descr': '<f4', 'fortran_order': False, 'shape': (\(frames), \(classes)), }"
        text += String(repeating: " ", count: count - 1 - text.utf8.count) + "\n"
        header += Array(text.utf8)
        try mapError(LogitsError.init) { () throws(FileError) in
            try file.overwrite(header, at: 0)
            try file.commit()
        }
    }
}
