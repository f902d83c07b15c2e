internal import AudioDecoding
package import AudioFormats
package import Digests
package import SpeechTypes

/// What is known of a span once all of it was read.
package struct AudioSummary: Hashable, Sendable {
    /// Frames at the source's rate, divided by that rate.
    package let decodedSeconds: Double
    /// Names the samples: 16 bytes of SHA-256 over the lane's float32 little-endian samples at
    /// 16 kHz; with several lanes, over the 32-byte digests of the lanes in order.
    package let digest: ShortDigest
    /// What an operator should know, a sentence each.
    package let warnings: [String]
    /// What the record says, if the file was read whole and is not as long as it states.
    package let audioWarning: AudioWarning?
}

/// The samples of one span at 16 kHz, one lane or one per channel, decoded as they are asked for.
///
/// Memory does not grow with the length of the recording. Used by one thread at a time.
package final class AudioStream {
    package let laneCount: Int
    package let sourceSampleRate: Int
    package let sourceChannels: Int
    /// Seconds that the span has by what the file says when it is opened, for plans; nil where it
    /// does not say.
    package let expectedSeconds: Double?
    /// Nil until ``read(_:into:)`` has returned 0.
    package private(set) var summary: AudioSummary?
    /// Seconds that the container states, all files that were joined together; nil before the end,
    /// where it states none, or where only a part of the file was read.
    package private(set) var statedSeconds: Double?

    private let source: any FrameSource
    private let path: String
    private let mixer: ChannelMixer
    private let resamplers: [Resampler]
    /// Of audio for a model of half the rate.
    private var interpolators: [HalfBandInterpolator]
    /// What resamplers gave for those.
    private var halves: [Float] = []
    private var reader: SpanReader
    private let findings: FileFindings
    private var phase: PhaseMeter?
    private var block: [Float] = []
    private var mixed: [[Float]]
    private var ready: [[Float]]
    private var readyStart = 0
    private var hashers: [LaneHasher]
    private var isDrained = false

    init(
        _ source: any FrameSource, reader: SpanReader, mixer: ChannelMixer, path: String,
        findings: FileFindings, modelRate: Int
    ) {
        self.source = source
        self.path = path
        self.mixer = mixer
        self.reader = reader
        self.findings = findings
        phase = mixer.isMix ? PhaseMeter() : nil
        laneCount = mixer.laneCount
        sourceSampleRate = source.sampleRate
        sourceChannels = source.channelCount
        expectedSeconds = reader.statedFrames.map { Double($0) / Double(source.sampleRate) }
        mixed = Array(repeating: [], count: mixer.laneCount)
        ready = mixed
        hashers = (0..<mixer.laneCount).map { _ in LaneHasher() }
        let rate = source.sampleRate
        resamplers =
            rate == modelRate
            ? [] : (0..<mixer.laneCount).map { _ in Resampler(from: rate, to: modelRate) }
        interpolators =
            modelRate == FrameClock.sampleRate
            ? [] : (0..<mixer.laneCount).map { _ in HalfBandInterpolator() }
    }

    /// Appends up to `count` samples to each lane, and all of `count` except at the end.
    ///
    /// - Parameter lanes: ``laneCount`` arrays; each grows by the returned number.
    /// - Returns: samples appended to each lane; 0 at the end, when ``summary`` is there.
    /// - Throws: what is wrong with the recording, even where earlier samples were fine.
    package func read(_ count: Int, into lanes: inout [[Float]]) throws(AudioError) -> Int {
        precondition(lanes.count == laneCount && count > 0, "one array for each lane")
        while ready[0].count - readyStart < count, !isDrained { try decodeBlock() }
        let taken = min(count, ready[0].count - readyStart)
        for lane in lanes.indices {
            lanes[lane] += ready[lane][readyStart..<readyStart + taken]
        }
        readyStart += taken
        if taken == 0 { finish() }
        return taken
    }

    /// The rest of the samples of each lane, for recordings known to be short.
    package func readAll() throws(AudioError) -> [[Float]] {
        var lanes: [[Float]] = Array(repeating: [], count: laneCount)
        while try read(1 << 16, into: &lanes) > 0 {}
        return lanes
    }

    private func decodeBlock() throws(AudioError) {
        if readyStart > 0 {
            for lane in ready.indices { ready[lane].removeFirst(readyStart) }
            readyStart = 0
        }
        let frames = try reader.read(into: &block)
        if frames == 0 {
            guard reader.frameCount > 0 else {
                throw AudioError(.audioEmpty, path, "no samples")
            }
            isDrained = true
        } else {
            guard mixer.split(block, frames: frames, into: &mixed) else { throw notFinite() }
            phase?.add(block, frames: frames, channels: mixer.channelCount, mix: mixed[0])
        }
        for lane in ready.indices {
            let old = ready[lane].count
            if interpolators.isEmpty {
                resample(lane, frames, into: &ready[lane])
            } else {
                halves.removeAll(keepingCapacity: true)
                resample(lane, frames, into: &halves)
                interpolators[lane].process(halves, into: &ready[lane])
                if frames == 0 { interpolators[lane].finish(into: &ready[lane]) }
            }
            hashers[lane].update(ready[lane], from: old)
            // Finite samples near the limit of a float can still overflow in the filter.
            if !resamplers.isEmpty || !interpolators.isEmpty,
                !ChannelMixer.isFinite(ready[lane], from: old)
            {
                throw notFinite()
            }
        }
    }

    /// Appends what a block of `frames` frames, or the end where there are none, gives at the model's rate.
    private func resample(_ lane: Int, _ frames: Int, into result: inout [Float]) {
        if resamplers.isEmpty {
            if frames > 0 { result += mixed[lane] }
        } else if frames > 0 {
            resamplers[lane].process(mixed[lane], into: &result)
        } else {
            resamplers[lane].finish(into: &result)
        }
    }

    private func notFinite() -> AudioError {
        let seconds = Double(reader.frameCount) / Double(sourceSampleRate)
        return AudioError(
            .audioNotFinite, path, "NaN or infinite samples within \(seconds) s of the span's start"
        )
    }

    private func finish() {
        guard summary == nil else { return }
        let digests = hashers.map { $0.finalize() }
        let digest =
            digests.count == 1 ? digests[0] : SHA256Hasher.digest(of: digests.flatMap(\.bytes))
        let seconds = Double(reader.frameCount) / Double(sourceSampleRate)
        let known = reader.isWholeFile ? complete(findings) : nil
        statedSeconds = known?.statedSeconds
        let warning = known?.warning(decodedSeconds: seconds)
        var sentences = findings.sentences + source.warnings + reader.warnings
        // What was found in the structure of the file has a sentence already.
        if let warning, findings.code == nil,
            !sentences.contains(where: { $0.hasPrefix("cut short") })
        {
            sentences.append(warning.sentence)
        }
        if let sentence = phase?.warning { sentences.append(sentence) }
        summary = AudioSummary(
            decodedSeconds: seconds, digest: digest.short, warnings: sentences,
            audioWarning: warning)
    }

    /// What was found when the file was opened, and what its decoder has learned by its end.
    private func complete(_ findings: FileFindings) -> FileFindings {
        var findings = findings
        if findings.statedSeconds == nil, let stated = source.statedSeconds {
            findings.statedSeconds = stated
            findings.slackSeconds = source.slackSeconds
        }
        return findings
    }
}

extension AudioWarning {
    /// For the report.
    fileprivate var sentence: String {
        let lengths = "the file states \(statedSeconds) s, \(decodedSeconds) s decode"
        return code == .longerThanStated
            ? "longer than stated: \(lengths)" : "cut short: \(lengths)"
    }
}
