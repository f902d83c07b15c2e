import CTCDecoding
import Foundation
import LanguageModels
import NumPyArrays
import SpeechTypes
import Testing

/// Log-probabilities and what other programs read in them, Tests/Fixtures/decoding.
enum DecodingFixtures {
    static let fixtures = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Fixtures")
    static let folder = fixtures.appending(path: "decoding")

    /// A set of log-probabilities.
    struct Posteriors {
        var vocabulary: Vocabulary
        var rows: [String: LogProbabilities]
    }

    private struct Head: Decodable {
        struct Row: Decodable {
            var id: String
            var npy: String
        }

        var labels: [String]
        var blank: Int
        var wordDelimiter: String?
        var rows: [Row]
    }

    /// - Parameter unknown: what stands for `<unk>`.
    static func posteriors(_ name: String, unknown: String = "<unk>") throws -> Posteriors {
        let head = try read(Head.self, "posteriors/\(name).json")
        let symbols = head.labels.map { $0 == "<unk>" ? unknown : $0 }
        let vocabulary = Vocabulary(
            symbols: symbols, blank: head.blank,
            wordDelimiter: head.wordDelimiter.flatMap { symbols.firstIndex(of: $0) })
        var rows: [String: LogProbabilities] = [:]
        for row in head.rows { rows[row.id] = try frames("posteriors/" + row.npy) }
        return Posteriors(vocabulary: vocabulary, rows: rows)
    }

    static func read<Value: Decodable>(_ type: Value.Type, _ path: String) throws -> Value {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(type, from: Data(contentsOf: folder.appending(path: path)))
    }

    /// Names of the files of a folder that has folders of sets.
    static func names(_ path: String) throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: folder.appending(path: path).path())
            .filter { $0.hasSuffix(".json") }.sorted()
    }

    static func model(_ name: String) throws -> LanguageModel {
        try LanguageModel(
            at: PathBytes(fixtures.appending(path: "language-models/" + name).path()))
    }

    /// The words of a text, each once, in order.
    static func words(_ name: String) throws -> [String] {
        let text = try String(
            contentsOf: fixtures.appending(path: "language-models/" + name), encoding: .utf8)
        return Set(text.split(whereSeparator: \.isWhitespace).map(String.init)).sorted()
    }

    private static func frames(_ path: String) throws -> LogProbabilities {
        let bytes = [UInt8](try Data(contentsOf: folder.appending(path: path)))
        let header = try NumPyHeader(Array(bytes.prefix(NumPyHeader.byteCountMax)))
        let values = (0..<header.frames * header.classes).map { position in
            let place = header.byteCount + 2 * position
            return Float(
                Float16(bitPattern: UInt16(bytes[place]) | UInt16(bytes[place + 1]) << 8))
        }
        return LogProbabilities(
            frames: header.frames, classes: header.classes, values: values)
    }

    /// What a decoder with these settings reads.
    static func transcript(
        _ frames: LogProbabilities, _ vocabulary: Vocabulary, _ settings: BeamSettings,
        _ artefacts: DecoderArtefacts = DecoderArtefacts(), rowHotwords: [Hotword] = []
    ) throws -> Transcript {
        var decoder = try DecoderList.configure(settings.choice)(vocabulary, artefacts)
            .makeDecoder(hotwords: rowHotwords)
        try decoder.append(frames)
        return try decoder.finish()
    }
}
