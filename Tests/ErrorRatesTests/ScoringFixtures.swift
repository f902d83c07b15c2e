import Foundation

/// Figures of other programs: Tests/Fixtures/scoring, made by the script there.
enum ScoringFixtures {
    struct Row: Decodable {
        var id: String?
        var text: String
        var hypothesis: String?
        var jiwer: [Int]?
        var jiwerCharacters: [Int]?
        var sclite: [Int]?
        var first: String?
        var second: String?

        private enum CodingKeys: String, CodingKey {
            case id, text, jiwer, sclite, first, second
            case hypothesis = "pred_text"
            case jiwerCharacters = "jiwer_characters"
        }
    }

    struct MatchedPairs: Decodable {
        var segments: Int
        var mean: Double
        var standardDeviation: Double
        var z: Double

        private enum CodingKeys: String, CodingKey {
            case segments, mean, z
            case standardDeviation = "standard_deviation"
        }
    }

    private static func data(_ name: String) throws -> Data {
        try Data(
            contentsOf: URL(filePath: #filePath).deletingLastPathComponent()
                .deletingLastPathComponent().appending(path: "Fixtures/scoring/\(name)"))
    }

    static func rows(_ name: String) throws -> [Row] {
        try data(name).split(separator: 0x0A).map {
            try JSONDecoder().decode(Row.self, from: $0)
        }
    }

    static func matchedPairs() throws -> MatchedPairs {
        try JSONDecoder().decode(MatchedPairs.self, from: data("two_systems.json"))
    }
}
