package import SpeechTypes
package import TranscriptRows

extension FrameClock {
    /// When the frames of the model were that made these words; nil where no word tells.
    ///
    /// The last word that begins late enough tells best, since records have milliseconds. What a frame sees beyond the
    /// next one's start is taken to be a quarter of it, as wav2vec 2.0 has it; it decides on the last frame only.
    package init?(ofWords segments: [TranscriptSegment]) {
        for segment in segments {
            let words = (segment.words.map { Array($0) } ?? []).filter { $0.startFrame ?? 0 > 0 }
            guard let last = words.last, let frame = last.startFrame else { continue }
            let samples = Double(last.start.nanoseconds) * 1e-9 * Double(FrameClock.sampleRate)
            let step = Int((samples / Double(frame)).rounded())
            self.init(samplesPerFrame: step, receptiveField: step + step / 4)
            return
        }
        return nil
    }
}
