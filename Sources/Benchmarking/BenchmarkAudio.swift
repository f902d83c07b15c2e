internal import AudioFormats
internal import AudioInput
internal import AudioPlaces
internal import Manifests
internal import Processes
internal import SpeechTypes
internal import Threading
internal import Transcription
internal import WindowCutting

/// What a benchmark computes, in memory.
package struct BenchmarkAudio {
    /// 16 kHz mono samples of each utterance, long recordings cut as `transcribe` cuts them.
    package private(set) var clips: [[Float]] = []
    package private(set) var seconds = 0.0
    /// How long reading and decoding took, on one thread; nil where there were no files.
    package private(set) var decodeSeconds: Double?

    /// Samples that may be held: four hours, 900 MB.
    private static let samplesMax = 4 * 3_600 * FrameClock.sampleRate
    private static let samplesPerRead = 1 << 16

    /// Noise of lengths such as read speech has.
    package static func synthetic() -> BenchmarkAudio {
        var audio = BenchmarkAudio()
        for clip in SyntheticSpeech.clips() {
            audio.add(samples: clip.count)
            audio.clips.append(clip)
        }
        return audio
    }

    /// All rows of a manifest.
    ///
    /// - Throws: the first row's failure, or a refusal of audio that is none or too long.
    package init(manifest: String) throws {
        let clock = ContinuousClock()
        let began = clock.now
        let file = try ManifestFile(path: manifest)
        let paths = AudioPathPolicy(baseFolder: file.folder)
        WorkMeter.shared.begin("decoding the audio of \(manifest)", .rows)
        defer { WorkMeter.shared.end() }
        let reader = AudioReader()
        try file.forEachRow { line in
            WorkMeter.shared.advance(1, .rows)
            let row = try ManifestRow.parse(raw: line.bytes)
            let audio = try paths.open(row.audioPath)
            try read(row.source(at: audio.path), audio, with: reader, of: manifest)
        }
        guard seconds > 0 else {
            throw RuntimeError(.usage, "\(manifest) has no audio to compute")
        }
        decodeSeconds = (clock.now - began) / .seconds(1)
    }

    private init() {}

    private mutating func read(
        _ source: AudioSource, _ file: AudioFile, with reader: AudioReader, of manifest: String
    ) throws {
        let stream = try reader.open(source, of: file, channels: .mix)
        var grid = ChunkGrid(.grid)
        var samples: [[Float]] = [[]]
        while try stream.read(Self.samplesPerRead, into: &samples) > 0 {
            add(samples: samples[0].count)
            guard seconds * Double(FrameClock.sampleRate) <= Double(Self.samplesMax) else {
                throw RuntimeError(
                    .usage,
                    "\(manifest) has more than 4 hours of audio, which a benchmark would hold in "
                        + "memory; give it fewer rows")
            }
            clips += grid.append(samples[0]).map(\.samples)
            samples[0].removeAll(keepingCapacity: true)
        }
        clips += grid.finish().map(\.samples)
    }

    private mutating func add(samples: Int) {
        seconds += Double(samples) / Double(FrameClock.sampleRate)
    }
}
