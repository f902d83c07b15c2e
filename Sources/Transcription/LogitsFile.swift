internal import Files
internal import Glibc

/// Log-probabilities of one row as `<ordinal>.npy`: float32 [frames, classes], C order.
///
/// Written aside while frames arrive and renamed when complete. The header states the number of
/// frames, known only at the end, so it is written twice at a fixed size.
/// Format: NumPy's NEP 1, version 1.0.
final class LogitsFile {
    private let file: AtomicFile
    private let classes: Int
    private var frames = 0
    /// The disk refused something.
    private var hasFailed = false

    /// Bytes of the header: a multiple of 64 that has room for any number of frames.
    private static let headerBytes = 128

    /// Begins `FOLDER/NAME.npy`, or is nil if the file cannot be made.
    init?(folder: String, name: String, classes: Int) {
        let file = try? AtomicFile(
            "\(folder)/\(name).npy", writtenTo: "\(folder)/.\(name).npy.\(getpid()).part")
        guard let file else { return nil }
        self.file = file
        self.classes = classes
        write([UInt8](repeating: 0x20, count: Self.headerBytes))
    }

    /// Adds frames; row-major [frames, classes].
    func append(_ values: some Collection<Float>) {
        let values = Array(values)
        write(values.withUnsafeBytes { Array($0) })
        frames += values.count / classes
    }

    private func write(_ bytes: [UInt8]) {
        do {
            try file.write(bytes)
        } catch {
            hasFailed = true
        }
    }

    /// Completes the header and gives the file its name; false if the disk refused something.
    func finish() -> Bool {
        var header: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0]
        let room = Self.headerBytes - 10
        header += [UInt8(room & 0xFF), UInt8(room >> 8)]
        var text = "{'descr': '<f4', 'fortran_order': False, 'shape': (\(frames), \(classes)), }"
        text += String(repeating: " ", count: room - 1 - text.utf8.count) + "\n"
        header += Array(text.utf8)
        guard !hasFailed else { return false }
        do {
            try file.overwrite(header, at: 0)
            try file.commit()
            return true
        } catch {
            return false
        }
    }
}
