package import Files
internal import Glibc
package import SpeechTypes
internal import Tensors

/// Log-probabilities cannot be written, or their folder not be read; that is no fault of the row.
package struct LogitsError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What happened, and to which file.
    package let description: String

    package init(_ error: FileError) {
        description = "log-probabilities (--save-logits): \(error)"
    }

    package init(reading error: FileError) {
        description = "log-probabilities (--logits): \(error)"
    }
}

/// Log-probabilities of one row as `<ordinal>.npy`: float32 or float16 [frames, classes], C order.
///
/// Written aside while frames arrive and renamed when complete, or put among other rows' into a shard.
/// The header states the number of frames, known only at the end, so it is written twice at a fixed size.
/// Format: NumPy's NEP 1, version 1.0.
package final class LogitsFile {
    private let target: any LogitsTarget
    private let classes: Int
    private let format: RecognitionOptions.LogitsFormat
    private var frames = 0

    /// Bytes of the header: a multiple of 64 that holds any number of frames.
    private static let headerBytes = 128

    /// Begins `FOLDER/NAME.npy`.
    ///
    /// - Throws: if the file cannot be made.
    package convenience init(
        folder: String, name: String, classes: Int,
        format: RecognitionOptions.LogitsFormat = .f32
    ) throws(LogitsError) {
        let file = try mapError(LogitsError.init(_:)) { () throws(FileError) in
            try AtomicFile(
                "\(folder)/\(name).npy", writtenTo: "\(folder)/.\(name).npy.\(getpid()).part")
        }
        try self.init(to: file, classes: classes, format: format)
    }

    /// Begins what `target` takes.
    init(
        to target: any LogitsTarget, classes: Int, format: RecognitionOptions.LogitsFormat
    ) throws(LogitsError) {
        self.target = target
        self.classes = classes
        self.format = format
        try mapError(LogitsError.init(_:)) { () throws(FileError) in
            try target.write([UInt8](repeating: 0x20, count: Self.headerBytes))
        }
    }

    /// Adds frames; row-major [frames, classes].
    ///
    /// - Throws: if the disk refuses them, or what was written before.
    package func append(_ values: [Float]) throws(LogitsError) {
        let bytes =
            switch format {
            case .f32: values.withUnsafeBytes { Array($0) }
            case .f16: HalfPrecision.bytes(of: values)
            }
        try mapError(LogitsError.init(_:)) { () throws(FileError) in try target.write(bytes) }
        frames += values.count / classes
    }

    /// Completes the header and gives the file its name.
    ///
    /// - Throws: if the disk refuses it, or what was written before.
    package func finish() throws(LogitsError) {
        var header: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0]
        let count = Self.headerBytes - 10
        header += [UInt8(count & 0xFF), UInt8(count >> 8)]
        let type = format == .f32 ? "<f4" : "<f2"
        var text =
            "{'descr': '\(type)', 'fortran_order': False, 'shape': (\(frames), \(classes)), }"
        text += String(repeating: " ", count: count - 1 - text.utf8.count) + "\n"
        header += Array(text.utf8)
        try mapError(LogitsError.init(_:)) { () throws(FileError) in
            try target.overwrite(header, at: 0)
            try target.commit()
        }
    }
}

/// Where the bytes of one row's log-probabilities go.
protocol LogitsTarget: AnyObject {
    func write(_ bytes: [UInt8]) throws(FileError)
    func overwrite(_ bytes: [UInt8], at offset: Int) throws(FileError)
    /// Makes what was written complete; without it nothing is left of it.
    func commit() throws(FileError)
}

extension AtomicFile: LogitsTarget {}
