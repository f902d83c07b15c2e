internal import Glibc
internal import Threading

/// Log-probabilities of one row as `<ordinal>.npy`: float32 [frames, classes], C order.
///
/// Written aside while frames arrive and renamed when complete. The header states the number of
/// frames, known only at the end, so it is written twice at a fixed size.
/// Format: NumPy's NEP 1, version 1.0.
final class LogitsFile {
    private let finalPath: String
    private let partPath: String
    private let handle: UnsafeMutablePointer<FILE>
    private let classes: Int
    private var frames = 0
    private var isComplete = false
    private let leftover: Leftover

    /// Bytes of the header: a multiple of 64 that has room for any number of frames.
    private static let headerBytes = 128

    /// Begins `FOLDER/NAME.npy`, or is nil if the file cannot be made.
    init?(folder: String, name: String, classes: Int) {
        finalPath = "\(folder)/\(name).npy"
        partPath = "\(folder)/.\(name).npy.\(getpid()).part"
        self.classes = classes
        let part = partPath
        leftover = Leftover { unlink(part) }
        guard let handle = fopen(partPath, "wb") else { return nil }
        self.handle = handle
        fwrite([UInt8](repeating: 0x20, count: Self.headerBytes), 1, Self.headerBytes, handle)
    }

    deinit {
        fclose(handle)
        if !isComplete { unlink(partPath) }
    }

    /// Adds frames; row-major [frames, classes].
    func append(_ values: some Collection<Float>) {
        let values = Array(values)
        fwrite(values, MemoryLayout<Float>.size, values.count, handle)
        frames += values.count / classes
    }

    /// Completes the header and gives the file its name; false if the disk refused something.
    func finish() -> Bool {
        var header: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0]
        let room = Self.headerBytes - 10
        header += [UInt8(room & 0xFF), UInt8(room >> 8)]
        var text = "{'descr': '<f4', 'fortran_order': False, 'shape': (\(frames), \(classes)), }"
        text += String(repeating: " ", count: room - 1 - text.utf8.count) + "\n"
        header += Array(text.utf8)
        rewind(handle)
        fwrite(header, 1, header.count, handle)
        guard fflush(handle) == 0, ferror(handle) == 0, fsync(fileno(handle)) == 0,
            rename(partPath, finalPath) == 0
        else { return false }
        isComplete = true
        return true
    }
}
