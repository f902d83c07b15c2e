package import AudioFormats
package import AudioPlaces
internal import CTCDecoding
internal import Digests
internal import NumPyArrays
package import SpeechTypes
internal import Tensors
internal import WindowCutting

/// A file of log-probabilities that another program stored, in place of a row's audio.
package struct StoredLogits {
    private let file: AudioFile
    private let header: NumPyHeader

    var frames: Int { header.frames }

    /// Frames that are read at a time, as many as a window of a long recording owns at 20 ms.
    static let framesOfWindow = FrameClock.wav2vec2.chunkFrames

    /// Opens the file that a row means.
    ///
    /// - Throws: `logits.not_found` where audio would be `audio.not_found`.
    static func open(
        _ path: PathBytes, _ paths: AudioPathPolicy, _ progress: EngineProgress
    ) throws(AudioError) -> AudioFile {
        do throws(AudioError) {
            return try paths.open(path, progress: progress)
        } catch {
            guard error.code == .audioNotFound else { throw error }
            throw AudioError(.logitsNotFound, error.path, "\(error)")
        }
    }

    /// Reads the header.
    ///
    /// - Parameter classes: of the alphabet; nil for any number.
    /// - Throws: `logits.unusable` for a file that does not hold so many classes of log-probabilities.
    init(_ file: AudioFile, classes: Int? = nil) throws(AudioError) {
        self.file = file
        let start = try file.bytes(at: 0, count: NumPyHeader.byteCountMax)
        do throws(NumPyError) {
            header = try NumPyHeader(start)
        } catch {
            throw Self.unusable(file, "\(error)")
        }
        if let classes, header.classes != classes {
            throw Self.unusable(
                file, "it has \(header.classes) classes and the alphabet has \(classes)")
        }
        guard header.frames > 0 else { throw Self.unusable(file, "it has no frames") }
        let bytes = header.byteCount + header.valueBytes
        guard file.byteCount == bytes else {
            throw Self.unusable(
                file, "it has \(file.byteCount) bytes, and its header asks for \(bytes)")
        }
    }

    /// Gives all frames in order, as windows without context; ends early where `body` says so.
    ///
    /// - Returns: 16 bytes of SHA-256 over the file's values.
    func forEachWindow(
        _ body: (ChunkGrid.Window, Tensor) -> Bool
    ) throws(AudioError) -> [UInt8] {
        var hasher = SHA256Hasher()
        let rowBytes = header.classes * header.element.byteCount
        var index = 0
        for start in stride(from: 0, to: header.frames, by: Self.framesOfWindow) {
            let count = min(Self.framesOfWindow, header.frames - start)
            let bytes = try file.bytes(
                at: header.byteCount + start * rowBytes, count: count * rowBytes)
            guard bytes.count == count * rowBytes else {
                throw Self.unusable(file, "it became shorter while it was read")
            }
            hasher.update(bytes)
            let values: [Float]
            do throws(NumPyError) {
                values = try header.values(of: bytes)
            } catch {
                throw Self.unusable(file, "\(error)")
            }
            let window = ChunkGrid.Window(
                index: index, samples: [], framesToDrop: 0, framesToKeep: count)
            guard body(window, Tensor(values, shape: [count, header.classes])) else { break }
            index += 1
        }
        return Array(hasher.finalize().bytes.prefix(16))
    }

    /// The digest of a row whose lanes have these.
    static func digest(ofLanes digests: [[UInt8]]) -> [UInt8] {
        guard digests.count != 1 else { return digests[0] }
        return Array(SHA256Hasher.digest(of: digests.flatMap { $0 }).bytes.prefix(16))
    }

    /// What a record's row has for a digest of its audio: 16 bytes of SHA-256 over the file's values.
    package static func digest(
        of path: PathBytes, _ paths: AudioPathPolicy
    ) throws(AudioError) -> [UInt8] {
        let stored = try StoredLogits(try open(path, paths, EngineProgress()))
        return try stored.forEachWindow { _, _ in true }
    }

    private static func unusable(_ file: AudioFile, _ detail: String) -> AudioError {
        AudioError(.logitsUnusable, file.path, "\(file.path): \(detail)")
    }
}
