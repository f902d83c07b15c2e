import Foundation
import LanguageModelBuilding
import LanguageModels
import Manifests
import SpeechTypes
import TemporaryFolders
import Testing

/// Texts and what KenLM made of them, Tests/Fixtures/language-models.
enum Fixtures {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Fixtures/language-models")

    /// What a file holds, unpacked.
    static func text(_ name: String) throws -> String {
        let lines = try LineReader(
            PathBytes(folder.appending(path: name).path()), expanding: true)
        var text = ""
        while let line = try lines.next() {
            text += String(decoding: line.bytes, as: UTF8.self) + "\n"
        }
        return text
    }
}

extension ModelBuilder {
    mutating func add(_ text: String) throws {
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            try Array(line.utf8).withUnsafeBytes { try add($0) }
        }
    }

    /// A model of a text; lengths whose counts give no discounts have the fallback's.
    static func estimate(
        _ text: String, order: Int, thresholds: [UInt64] = [], memoryBytes: Int = 1 << 24,
        in folder: String
    ) throws -> ModelEstimate {
        var settings = ModelBuildSettings(
            order: order, thresholds: thresholds, memoryBytes: memoryBytes, folder: folder)
        settings.fallback = .fallback
        var builder = ModelBuilder(settings)
        // The last line ends with a line feed, behind which there is none.
        try builder.add(text.hasSuffix("\n") ? String(text.dropLast()) : text)
        return try builder.estimate()
    }
}

@Suite("Models that are made of text, and KenLM's") struct EqualModelTests {
    private struct Case: Sendable, CustomTestStringConvertible {
        let text: String
        let model: String
        let order: Int
        var thresholds: [UInt64] = []

        var testDescription: String { model }
    }

    private static let cases = [
        Case(text: "digits.train.txt", model: "digits2.arpa", order: 2),
        Case(text: "digits.train.txt", model: "digits4.arpa.gz", order: 4),
        Case(
            text: "libri.train.txt", model: "libri4p.arpa.gz", order: 4, thresholds: [0, 0, 1, 1]),
    ]

    @Test("an ARPA file is lmplz's, byte for byte", arguments: cases)
    private func arpa(expected: Case) throws {
        let folder = try TemporaryFolder()
        let model = try ModelBuilder.estimate(
            Fixtures.text(expected.text), order: expected.order, thresholds: expected.thresholds,
            in: folder.path)
        try ARPAWriter.write(model, to: folder.path + "/out.arpa")
        let written = try String(contentsOfFile: folder.path + "/out.arpa", encoding: .utf8)
        #expect(try written == Fixtures.text(expected.model))
    }

    @Test("little memory changes nothing", arguments: cases)
    private func littleMemory(expected: Case) throws {
        let folder = try TemporaryFolder()
        let model = try ModelBuilder.estimate(
            Fixtures.text(expected.text), order: expected.order, thresholds: expected.thresholds,
            memoryBytes: 1_000, in: folder.path)
        try ARPAWriter.write(model, to: folder.path + "/out.arpa")
        let written = try String(contentsOfFile: folder.path + "/out.arpa", encoding: .utf8)
        #expect(try written == Fixtures.text(expected.model))
        let left = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        #expect(left == ["out.arpa"])
    }

    @Test(
        "a probing file is build_binary's, byte for byte",
        arguments: [("digits2.probing.bin", 2), ("digits4.probing.bin", 4)])
    func probing(name: String, order: Int) throws {
        let folder = try TemporaryFolder()
        let model = try ModelBuilder.estimate(
            Fixtures.text("digits.train.txt"), order: order, in: folder.path)
        try ProbingWriter.write(model, to: folder.path + "/out.bin")
        let written = try Data(contentsOf: URL(filePath: folder.path + "/out.bin"))
        #expect(try written == Data(contentsOf: Fixtures.folder.appending(path: name)))
    }

    @Test("both forms of a model score alike, with words that are cut")
    func forms() throws {
        let folder = try TemporaryFolder()
        let text = try Fixtures.text("libri.train.txt")
        for (name, write) in [("out.bin", ProbingWriter.write), ("out.arpa", ARPAWriter.write)] {
            let model = try ModelBuilder.estimate(
                text, order: 3, thresholds: [1, 1, 2], in: folder.path)
            #expect(model.counts[0] < model.countsBeforeCutting[0])
            try write(model, folder.path + "/" + name)
        }
        let models = try ["out.bin", "out.arpa"].map {
            try LanguageModel(at: PathBytes(folder.path + "/" + $0))
        }
        #expect(models[0].counts == models[1].counts)
        for line in text.split(separator: "\n").prefix(20) {
            let scores = models.map { SentenceScore(of: line.utf8, by: $0) }
            #expect(scores[0].log10Probability == scores[1].log10Probability, "\(line)")
            #expect(scores[0].unknownCount == scores[1].unknownCount)
        }
    }

    @Test(
        "the probabilities after any context sum to 1",
        arguments: [[], [0, 0, 1], [0, 1, 2], [2, 2, 2]] as [[UInt64]])
    func sums(thresholds: [UInt64]) throws {
        let folder = try TemporaryFolder()
        let estimate = try ModelBuilder.estimate(
            Fixtures.text("libri.train.txt"), order: 3, thresholds: thresholds, in: folder.path)
        try ARPAWriter.write(estimate, to: folder.path + "/out.arpa")
        let model = try LanguageModel(at: PathBytes(folder.path + "/out.arpa"))
        let words = try String(contentsOfFile: folder.path + "/out.arpa", encoding: .utf8)
            .split(separator: "\n").drop { $0 != "\\1-grams:" }.dropFirst()
            .prefix { !$0.hasPrefix("\\") }.map { $0.split(separator: "\t")[1] }
            .filter { $0 != "<s>" }
        #expect(words.count == model.counts[0] - 1)
        for context in [[], ["THE"], ["OF", "THE"], ["HE", "PLAGUE"], ["ZZZ"]] {
            let state = context.reduce(NGramState()) {
                model.score(model.index(of: Array($1.utf8)), after: $0).state
            }
            let sum = words.reduce(0.0) { sum, word in
                let score = model.score(model.index(of: Array(word.utf8)), after: state)
                return sum + pow(10, Double(score.log10Probability))
            }
            #expect(abs(sum - 1) < 1e-4, "\(context)")
        }
    }
}
