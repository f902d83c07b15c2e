import Alignment
import CTCDecoding
import Foundation
import NumPyArrays
import StrictJSON
import Testing

/// Log-probabilities and the answers of reference programs to them.
enum AlignmentFixtures {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Fixtures/alignment")

    static func rows(_ name: String) throws -> [JSONObject] {
        let bytes = Array(try Data(contentsOf: folder.appending(path: name)))
        let head = try #require(try JSONParser.parse(bytes).object)
        return try #require(head["rows"]?.array).compactMap(\.object)
    }

    static func posteriors(_ name: String) throws -> LogProbabilities {
        let url = folder.appending(path: "posteriors").appending(path: name)
        let bytes = Array(try Data(contentsOf: url))
        let header = try NumPyHeader(Array(bytes.prefix(NumPyHeader.byteCountMax)))
        let values = try header.values(of: Array(bytes[header.byteCount...]))
        return LogProbabilities(frames: header.frames, classes: header.classes, values: values)
    }

    static func joined(_ names: [String]) throws -> LogProbabilities {
        let parts = try names.map(posteriors)
        return LogProbabilities(
            frames: parts.reduce(0) { $0 + $1.frames }, classes: parts.first?.classes ?? 1,
            values: parts.flatMap(\.values))
    }

    static let labels = [
        "<pad>", "<s>", "</s>", "<unk>", "|", "E", "T", "A", "O", "N", "I", "H", "S", "R", "D",
        "L", "U", "M", "W", "C", "F", "G", "Y", "P", "B", "V", "K", "'", "X", "J", "Q", "Z",
    ]
}
