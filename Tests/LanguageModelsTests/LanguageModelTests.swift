import Foundation
import LanguageModels
import SpeechTypes
import Testing

/// Models and scores of KenLM, Tests/Fixtures/language-models.
enum Fixtures {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Fixtures/language-models")

    static func model(_ name: String) throws -> LanguageModel {
        try LanguageModel(at: PathBytes(folder.appending(path: name).path()))
    }

    static func names(_ folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(
            atPath: Self.folder.appending(path: folder).path()
        ).sorted()
    }

    static func error(_ name: String) -> LanguageModelError? {
        do {
            _ = try model(name)
            return nil
        } catch let error as LanguageModelError {
            return error
        } catch {
            Issue.record("\(name): \(error)")
            return nil
        }
    }
}

private struct KenLMScores: Decodable {
    struct Row: Decodable {
        var text: String
        var bosEos: [[Double]]
        var neither: [[Double]]

        enum CodingKeys: String, CodingKey {
            case text, neither
            case bosEos = "bos_eos"
        }
    }

    struct Model: Decodable {
        var files: [String]
        var rows: [Row]
    }

    var models: [Model]
}

@Suite("N-gram language models") struct LanguageModelTests {
    @Test("every form of a model gives KenLM's scores, lengths and unknown words")
    func scores() throws {
        let fixture = try JSONDecoder().decode(
            KenLMScores.self,
            from: Data(contentsOf: Fixtures.folder.appending(path: "scores.json")))
        var compared = 0
        for expected in fixture.models {
            for file in expected.files {
                let model = try Fixtures.model(file)
                for row in expected.rows {
                    for (hasBoundaries, words) in [(true, row.bosEos), (false, row.neither)] {
                        let score = SentenceScore(
                            of: row.text.utf8, by: model, hasBoundaries: hasBoundaries)
                        try #require(score.words.count == words.count, "\(file): \(row.text)")
                        for (word, known) in zip(score.words, words) {
                            compared += 1
                            #expect(
                                abs(Double(word.log10Probability) - known[0]) <= 1e-5
                                    && word.length == Int(known[1])
                                    && word.isUnknown == (known[2] == 1),
                                "\(file): \(word), KenLM says \(known), in \(row.text)")
                        }
                    }
                }
            }
        }
        #expect(compared > 3_000)
    }

    @Test("a model says its form, its order and how many n-grams it has")
    func forms() throws {
        let forms: [String: LanguageModel.Form] = [
            "digits4.arpa.gz": .arpa, "digits4.probing.bin": .probing, "digits4.trie.bin": .trie,
            "digits4.trie_q8.bin": .quantisedTrie, "digits4.trie_a22.bin": .arrayTrie,
            "digits4.trie_q8a22.bin": .quantisedArrayTrie,
        ]
        let counts = try Fixtures.model("digits4.arpa.gz").counts
        #expect(counts.count == 4)
        for (name, form) in forms {
            let model = try Fixtures.model(name)
            #expect(model.form == form && model.order == 4 && model.counts == counts, "\(name)")
        }
    }

    @Test("equal histories are equal states, whatever was before")
    func states() throws {
        let model = try Fixtures.model("digits2.arpa")
        func state(_ words: String...) -> NGramState {
            words.reduce(NGramState()) {
                model.score(model.index(of: Array($1.utf8)), after: $0).state
            }
        }
        #expect(state("ONE", "TWO") == state("SIX", "TWO"))
        #expect(state("ONE") != state("TWO"))
        #expect(state("ONE", "HUNDRED").length == 0)
    }

    @Test("spellings of ARPA that KenLM reads are read, and give the same scores")
    func variants() throws {
        let refused: Set = [
            "d4_bom.arpa.gz", "d4_count_spaces.arpa.gz", "d4_free_text_head.arpa.gz",
            "d4_no_boundaries.arpa.gz", "d4_spaces_for_tabs.arpa.gz", "d4_trailing_spaces.arpa.gz",
        ]
        let sentence = Array("SEVEN ONE NINE".utf8)
        let expected = try SentenceScore(of: sentence, by: Fixtures.model("digits4.arpa.gz"))
        let names = try Fixtures.names("variants")
        #expect(names.count == 19)
        for name in names {
            if refused.contains(name) {
                #expect(Fixtures.error("variants/\(name)") != nil, "\(name)")
                continue
            }
            let model = try Fixtures.model("variants/\(name)")
            guard name.hasPrefix("d4"), !name.contains("exponents") else { continue }
            let score = SentenceScore(of: sentence, by: model)
            #expect(
                abs(score.log10Probability - expected.log10Probability) < 1e-5, "\(name)")
        }
    }

    @Test("damaged and wrong files are errors that name the file and, of a text, the line")
    func malformed() throws {
        // What is only unusual: KenLM reads these as well.
        let readable: Set = [
            "duplicate_1gram.arpa", "duplicate_2gram.arpa", "gz_named_arpa.arpa",
            "minus_inf_prob.arpa", "missing_suffix.arpa", "not_utf8_word.arpa",
            "nul_byte_word.arpa", "plain_named_gz.arpa.gz",
        ]
        let names = try Fixtures.names("malformed")
        #expect(names.count == 63)
        for name in names {
            guard let error = Fixtures.error("malformed/\(name)") else {
                #expect(readable.contains(name), "\(name) was read")
                continue
            }
            #expect(!readable.contains(name), "\(error)")
            #expect(error.path.hasSuffix(name) && !error.message.isEmpty, "\(error)")
        }
        #expect(Fixtures.error("malformed/comma_decimal.arpa")?.place == "line 10")
        #expect(Fixtures.error("malformed/count_tera.arpa") != nil)
    }
}
