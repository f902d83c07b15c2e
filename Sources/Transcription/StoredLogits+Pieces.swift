internal import AudioFormats
package import AudioPlaces
package import CTCDecoding
package import SpeechTypes
internal import Tensors
internal import WindowCutting

extension StoredLogits {
    /// Gives the frames of a stored file to a decoder, in order, and returns what it makes of them.
    ///
    /// - Throws: `AudioError` for a file that is not there or does not hold so many classes,
    ///   `DecoderError` if the decoder cannot read it.
    package static func transcript(
        of path: PathBytes, classes: Int, _ paths: AudioPathPolicy, by decoder: any CTCDecoder
    ) throws -> Transcript {
        let stored = try StoredLogits(try open(path, paths, EngineProgress()), classes: classes)
        var decoder = decoder
        var failure: DecoderError?
        _ = try stored.forEachWindow { window, values in
            do throws(DecoderError) {
                try decoder.append(
                    LogProbabilities(
                        frames: window.framesToKeep, classes: classes, values: values.values))
                return true
            } catch {
                failure = error
                return false
            }
        }
        if let failure { throw failure }
        return try decoder.finish()
    }
}
