package import AudioFormats
internal import AudioInput
package import RecordingPictures
package import SpeechTypes
package import TranscriptRows
package import VoiceActivity
internal import WindowCutting

/// Reads the recording of a row for its picture: peaks, speech, and the windows that the engine computes.
///
/// The windows are found as the engine finds them, since records do not list them.
package struct TimelineReader {
    /// What of the row is drawn, in time of its recording; nil for all of it.
    package var span: Range<MediaTime>?
    /// How the row was cut into windows.
    package var chunking: RecognitionOptions.Chunking = .grid
    /// Which channels were transcribed.
    package var policy: ChannelPolicy = .mix

    /// Of the model that transcribed the row.
    package var clock = FrameClock.wav2vec2

    private let network: SpeechNetwork

    package init(_ network: SpeechNetwork) { self.network = network }

    /// Decodes the row's audio once.
    ///
    /// - Parameters:
    ///   - segments: what a record says of the row: one, or one of each channel.
    ///   - drawn: those of the segments that are wanted, by number; at most ``RecordingPicture/lanesMax``.
    ///   - progress: told the seconds decoded so far, about once for each of audio's minutes.
    /// - Returns: nil where nothing of the row lies in ``span``.
    /// - Throws: what is wrong with the recording.
    package func read(
        _ name: PathBytes, _ segments: [TranscriptSegment], drawn: [Int],
        progress: (Double) -> Void = { _ in }
    ) throws(AudioError) -> RecordingTimeline? {
        guard let first = segments.first else { return nil }
        let source = AudioSource(
            path: name.text, offsetSeconds: Double(first.start.nanoseconds) / 1e9,
            durationSeconds: first.duration > .zero
                ? Double(first.duration.nanoseconds) / 1e9 : nil,
            channel: first.isOneOfChannels ? nil : first.channel)
        let stream = try AudioReader().open(
            source, of: try AudioFile(opening: name),
            channels: first.isOneOfChannels ? .each : policy)
        let wanted = wantedSamples(of: first)
        var lanes = drawn.filter { segments.indices.contains($0) && $0 < stream.laneCount }.map {
            LaneReading($0, segments[$0], network, chunking, clock, drawn: wanted)
        }
        guard !lanes.isEmpty else { return nil }
        var samples: [[Float]] = Array(repeating: [], count: stream.laneCount)
        var count = 0
        var told = 0
        while case let read = try stream.read(1 << 16, into: &samples), read > 0 {
            for lane in lanes.indices { lanes[lane].append(samples[lanes[lane].number]) }
            for lane in samples.indices { samples[lane].removeAll(keepingCapacity: true) }
            count += read
            if count - told >= 60 * FrameClock.sampleRate {
                told = count
                progress(Double(count) / Double(FrameClock.sampleRate))
            }
        }
        let shown = wanted.clamped(to: 0..<count)
        guard !shown.isEmpty else { return nil }
        for lane in lanes.indices { lanes[lane].finish() }
        var timeline = RecordingTimeline(
            title: first.audio.text, samples: count, chunking: chunking, lanes: lanes.map(\.lane))
        timeline.offset = first.start
        timeline.shown = shown
        return timeline
    }

    /// The samples of a row that are in ``span``.
    private func wantedSamples(of row: TranscriptSegment) -> Range<Int> {
        guard let span else { return 0..<Int.max }
        func sample(_ time: MediaTime) -> Int {
            time > row.start ? RecordingTimeline.sample(at: time - row.start) : 0
        }
        return sample(span.lowerBound)..<sample(span.upperBound)
    }
}
