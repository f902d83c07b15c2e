internal import AudioFormats
internal import AudioInput
internal import Manifests
package import SpeechTypes
internal import Threading
package import TranscriptFormats
package import TranscriptRows

/// The recordings of an output, read where they lie.
package struct ExportedRecordings: RecordingFiles {
    private let root: PathBytes
    private let reader = AudioReader()
    /// Of the recording that was asked for last: its rows come together.
    private let lastFacts = Guarded<(audio: PathBytes, facts: RecordingFacts?)?>(nil)

    /// - Parameter root: where relative paths start; absolute.
    package init(root: PathBytes) { self.root = root }

    package func location(of audio: PathBytes) -> PathBytes? {
        if let file = AudioLocation.file(ofAddress: audio) { return file }
        guard AudioLocation.scheme(of: audio) == nil else { return nil }
        return root.joined(audio)
    }

    package func facts(of audio: PathBytes) -> RecordingFacts? {
        lastFacts.withLock { last in
            if let last, last.audio == audio { return last.facts }
            let facts = readFacts(of: audio)
            last = (audio, facts)
            return facts
        }
    }

    private func readFacts(of audio: PathBytes) -> RecordingFacts? {
        guard let path = location(of: audio), let header = try? reader.header(of: path),
            let rate = header.sampleRate, let channels = header.channelCount,
            let seconds = header.statedSeconds, rate > 0, channels > 0,
            seconds > 0, seconds < 1e9
        else { return nil }
        let frames = Int((seconds * Double(rate)).rounded())
        guard frames > 0 else { return nil }
        return RecordingFacts(sampleRate: rate, channelCount: channels, frameCount: frames)
    }

    package func samples(of segment: TranscriptSegment) throws(ExportError) -> [Float] {
        guard let path = location(of: segment.audio) else {
            throw ExportError(
                .unreadable,
                "\(segment.audio) is no file of this machine, so its audio cannot be copied")
        }
        let span = AudioSource(
            path: path.text, offsetSeconds: Double(segment.start.nanoseconds) / 1e9,
            durationSeconds: Double(segment.duration.nanoseconds) / 1e9)
        do throws(AudioError) {
            let stream = try reader.open(
                span, of: try AudioFile(opening: path),
                channels: segment.channel.map { .index($0) } ?? .mix)
            return try stream.readAll()[0]
        } catch {
            throw ExportError(.unreadable, "line \(segment.lineNumber): \(error)")
        }
    }
}
