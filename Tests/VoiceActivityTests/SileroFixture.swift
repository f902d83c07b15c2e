import Checkpoints
import Foundation
import StrictJSON
import Testing
import VoiceActivity

/// What Silero's own package says of recordings (Tests/Fixtures/voice-activity).
struct SileroFixture {
    struct Case: CustomTestStringConvertible, Sendable {
        let name: String
        let samples: [Float]
        let probabilities: [Double]
        let segments: [Range<Int>]

        var testDescription: String { name }
    }

    struct Answer: CustomTestStringConvertible, Sendable {
        let settings: SpeechSegmentSettings
        let segments: [Range<Int>]

        var testDescription: String { "\(settings)" }
    }

    struct Malformed: Error {}

    let cases: [Case]
    /// Of `chapterSamples` samples.
    let chapter: [Float]
    let chapterSamples: Int
    let chapterAnswers: [Answer]

    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
    static let folder = root.appending(path: "Tests/Fixtures/voice-activity")
    static let shared = Result { try SileroFixture() }

    static let weights = Result {
        try FileBytes(
            mapping: root.appending(
                path: "models/\(SpeechNetwork.folderName)/\(SpeechNetwork.fileName)"
            ).path)
    }

    static func network() throws -> SpeechNetwork { try SpeechNetwork(weights.get()) }

    private init() throws {
        let bytes = [UInt8](try Data(contentsOf: Self.folder.appending(path: "silero.json")))
        guard let json = try JSONParser.parse(bytes).object, let cases = json["cases"]?.array,
            let answers = json["chapter"]?.array, let samples = json["chapter_samples"]?.int
        else { throw Malformed() }
        self.cases = try cases.map(Self.readCase)
        chapterSamples = samples
        let stored = try Data(contentsOf: Self.folder.appending(path: "chapter.f32"))
        chapter = stride(from: 0, to: stored.count, by: 4).map { start in
            let word = stored[start..<start + 4].reversed().reduce(UInt32(0)) {
                $0 << 8 | UInt32($1)
            }
            return Float(bitPattern: word)
        }
        chapterAnswers = try answers.map { answer in
            guard let settings = answer.object?["settings"]?.object else { throw Malformed() }
            return Answer(
                settings: try Self.settings(settings),
                segments: try Self.segments(answer.object?["segments"]))
        }
    }

    private static func readCase(_ value: JSONValue) throws -> Case {
        guard let object = value.object, let name = object["name"]?.string,
            let parts = object["parts"]?.array, let factor = object["factor"]?.double,
            let count = object["samples"]?.int, let expected = object["probabilities"]?.array
        else { throw Malformed() }
        var samples: [Float] = []
        for part in parts {
            if let name = part.string {
                samples += try recording(name)
            } else if let seconds = part.double {
                samples += [Float](repeating: 0, count: Int(seconds * 16_000))
            }
        }
        return Case(
            name: name,
            samples: samples.prefix(count).map { max(-1, min($0 * Float(factor), 1)) },
            probabilities: expected.compactMap(\.double), segments: try segments(object["segments"])
        )
    }

    /// The samples of a sound: 16-bit WAV with a header of 44 bytes.
    static func recording(_ name: String) throws -> [Float] {
        let bytes = [UInt8](try Data(contentsOf: folder.appending(path: "\(name).wav")))
        return stride(from: 44, to: bytes.count - 1, by: 2).map { place in
            Float(Int16(bitPattern: UInt16(bytes[place]) | UInt16(bytes[place + 1]) << 8)) / 32_768
        }
    }

    private static func segments(_ value: JSONValue?) throws -> [Range<Int>] {
        guard let found = value?.array else { throw Malformed() }
        return try found.map { segment in
            guard let ends = segment.array?.compactMap(\.int), ends.count == 2 else {
                throw Malformed()
            }
            return ends[0]..<ends[1]
        }
    }

    private static func settings(_ object: JSONObject) throws -> SpeechSegmentSettings {
        var settings = SpeechSegmentSettings()
        for member in object.members {
            let value = member.value
            guard let number = value.double else { throw Malformed() }
            switch member.key {
            case "threshold": settings.threshold = number
            case "neg_threshold": settings.negativeThreshold = number
            case "min_speech_duration_ms": settings.minimumSpeechMilliseconds = Int(number)
            case "min_silence_duration_ms": settings.minimumSilenceMilliseconds = Int(number)
            case "speech_pad_ms": settings.paddingMilliseconds = Int(number)
            case "max_speech_duration_s": settings.maximumSpeechSeconds = number
            case "min_silence_at_max_speech": settings.minimumPauseMilliseconds = Int(number)
            default: throw Malformed()
            }
        }
        return settings
    }
}
