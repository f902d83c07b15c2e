import AudioInput
import Foundation
import SpeechTypes
import Testing

@Suite("The whole speech set, where it lies beside the checkout") struct SpeechSetTests {
    static let folder = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "shared/speech").path
    static let isThere = FileManager.default.fileExists(atPath: "\(folder)/manifest.jsonl")

    private struct Row: Decodable {
        let path: String
        let duration: Double

        enum CodingKeys: String, CodingKey {
            case path = "audio_filepath"
            case duration
        }
    }

    @Test(
        "every file decodes to its stated duration",
        .enabled(if: isThere, "the speech set does not lie beside the checkout"))
    func durations() throws {
        let manifest = try String(contentsOfFile: "\(Self.folder)/manifest.jsonl", encoding: .utf8)
        var files = 0
        for line in manifest.split(separator: "\n") {
            let row = try JSONDecoder().decode(Row.self, from: Data(line.utf8))
            let path = "\(Self.folder)/\(row.path)"
            let stream = try AudioReader().open(AudioSource(path: path), channels: .mix)
            var samples = 0
            var lanes: [[Float]] = [[]]
            while case let count = try stream.read(65_536, into: &lanes), count > 0 {
                samples += count
                lanes[0].removeAll(keepingCapacity: true)
            }
            let summary = try #require(stream.summary)
            // The largest frame of the codecs here is 1,152 samples; durations have 4 decimals.
            let slack = 1_152 / Double(stream.sourceSampleRate) + 0.000_1
            #expect(abs(summary.decodedSeconds - row.duration) <= slack, "\(path)")
            #expect(summary.warnings.isEmpty, "\(path): \(summary.warnings)")
            #expect(abs(Double(samples) / 16_000 - summary.decodedSeconds) <= 1 / 16_000.0)
            files += 1
        }
        #expect(files == 387)
    }
}
