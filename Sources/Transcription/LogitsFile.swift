internal import Files
internal import Glibc
<<<<<<< HEAD
=======
internal import SystemErrors
internal import Threading
>>>>>>> 8f5f8d0 (Text is made by a stage of its own, behind a protocol)

/// Log-probabilities cannot be written; that is no fault of the row.
package struct LogitsError: Error, CustomStringConvertible {
    package let description: String

    init(_ path: String, errno code: Int32) {
        description =
            "cannot write log-probabilities to \(path) (--save-logits): "
            + SystemError.text(of: code)
    }
}

/// Log-probabilities of one row as `<ordinal>.npy`: float32 [frames, classes], C order.
///
/// Written aside while frames arrive and renamed when complete. The header states the number of
/// frames, known only at the end, so it is written twice at a fixed size.
/// Format: NumPy's NEP 1, version 1.0.
<<<<<<< HEAD
final class LogitsFile {
    private let file: AtomicFile
=======
package final class LogitsFile {
    private let finalPath: String
    private let partPath: String
    private let handle: UnsafeMutablePointer<FILE>
>>>>>>> 8f5f8d0 (Text is made by a stage of its own, behind a protocol)
    private let classes: Int
    private var frames = 0
    /// The disk refused something.
    private var hasFailed = false

    /// Bytes of the header: a multiple of 64 that holds any number of frames.
    private static let headerBytes = 128

<<<<<<< HEAD
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
=======
    /// Begins `FOLDER/NAME.npy`.
    ///
    /// - Throws: if the file cannot be made.
    package init(folder: String, name: String, classes: Int) throws(LogitsError) {
        finalPath = "\(folder)/\(name).npy"
        partPath = "\(folder)/.\(name).npy.\(getpid()).part"
        self.classes = classes
        let part = partPath
        leftover = Leftover { unlink(part) }
        guard let handle = fopen(partPath, "wb") else {
            throw LogitsError(finalPath, errno: errno)
        }
        self.handle = handle
        try write([UInt8](repeating: 0x20, count: Self.headerBytes))
    }

    deinit {
        fclose(handle)
        if !isComplete { unlink(partPath) }
    }

    /// Adds frames; row-major [frames, classes].
    ///
    /// - Throws: if the disk refuses them, now or what was written before.
    package func append(_ values: [Float]) throws(LogitsError) {
        try write(values)
        frames += values.count / classes
    }

    /// Completes the header and gives the file its name.
    ///
    /// - Throws: if the disk refuses something, now or what was written before.
    package func finish() throws(LogitsError) {
>>>>>>> 8f5f8d0 (Text is made by a stage of its own, behind a protocol)
        var header: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0]
        let count = Self.headerBytes - 10
        header += [UInt8(count & 0xFF), UInt8(count >> 8)]
        var text = "{'descr': '<f4', 'fortran_order': False, 'shape': (\(frames), \(classes)), }"
        text += String(repeating: " ", count: count - 1 - text.utf8.count) + "\n"
        header += Array(text.utf8)
<<<<<<< HEAD
        guard !hasFailed else { return false }
        do {
            try file.overwrite(header, at: 0)
            try file.commit()
            return true
        } catch {
            return false
=======
        guard fseek(handle, 0, SEEK_SET) == 0 else { throw LogitsError(finalPath, errno: errno) }
        try write(header)
        guard fflush(handle) == 0, fsync(fileno(handle)) == 0, rename(partPath, finalPath) == 0
        else { throw LogitsError(finalPath, errno: errno) }
        isComplete = true
    }

    private func write<Element: BitwiseCopyable>(_ values: [Element]) throws(LogitsError) {
        let written = values.withUnsafeBytes { fwrite($0.baseAddress, 1, $0.count, handle) }
        guard written == values.count * MemoryLayout<Element>.stride else {
            throw LogitsError(finalPath, errno: errno)
>>>>>>> 8f5f8d0 (Text is made by a stage of its own, behind a protocol)
        }
    }
}
