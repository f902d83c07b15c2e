internal import DecoderFiles
internal import Foundation
internal import SpeechTypes
internal import TemporaryFolders
internal import Testing

/// Which folders of a model and its language model are taken, as transformers takes them.
@Suite("Folders with a language model") struct ProcessorFolderTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// A copy of the folder that transformers wrote.
    private func copy() throws -> String {
        let fixture = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Fixtures/processor/digits2")
        let path = folder.file("model")
        try FileManager.default.copyItem(atPath: fixture.path, toPath: path)
        return path
    }

    /// The classes that the folder's vocab.json names.
    private let vocabulary = Vocabulary(
        symbols: ["<pad>", "<s>", "</s>", "<unk>", "|"]
            + "ETAONIHSRDLUMWCFGYPBVK'XJQZ".map {
                String($0)
            }, blank: 0, wordDelimiter: 4, specials: [0, 1, 2, 3])

    private func refusal(_ path: String) -> String {
        do throws(DecoderFileError) {
            _ = try ProcessorFolder(path, vocabulary: vocabulary)
            return "taken"
        } catch {
            return error.description
        }
    }

    @Test("a folder says what its language model is, and what it weighs")
    func good() throws {
        let path = try copy()
        #expect(ProcessorFolder.hasLanguageModel(path))
        let found = try ProcessorFolder(path, vocabulary: vocabulary)
        #expect(found.languageModelPath == "\(path)/language_model/digits2.arpa")
        #expect(found.unigramsPath == "\(path)/language_model/unigrams.txt")
        #expect(found.alpha == 0.5 && found.beta == 1.5 && found.unknownScoreOffset == -10)
        #expect(found.scoresBoundary)
    }

    /// A change of the good folder, and what is said of it; nil where it is taken.
    struct Change: Sendable {
        let name: String
        let change: @Sendable (String) throws -> Void
        let part: String?

        static func move(_ from: String, _ to: String) -> @Sendable (String) throws -> Void {
            { try FileManager.default.moveItem(atPath: "\($0)/\(from)", toPath: "\($0)/\(to)") }
        }

        static func remove(_ name: String) -> @Sendable (String) throws -> Void {
            { try FileManager.default.removeItem(atPath: "\($0)/\(name)") }
        }

        static func write(_ name: String, _ text: String) -> @Sendable (String) throws -> Void {
            { try text.write(toFile: "\($0)/\(name)", atomically: false, encoding: .utf8) }
        }

        static func replace(
            _ old: String, _ new: String, in name: String
        ) -> @Sendable (String) throws -> Void {
            { folder in
                let text = try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)
                let changed = text.replacing(old, with: new)
                #expect(changed != text)
                try write(name, changed)(folder)
            }
        }
    }

    /// What transformers 5.24.0 and pyctcdecode 0.5.0 do with each, but for the last.
    static let changes: [Change] = [
        Change(
            name: "no language model", change: Change.remove("language_model"), part: "--lm FILE"),
        Change(
            name: "a file too many", change: Change.write("language_model/README.txt", "x"),
            part: "README.txt"),
        Change(
            name: "a hidden file", change: Change.write("language_model/.gitattributes", "x"),
            part: nil),
        Change(
            name: "no unigrams", change: Change.remove("language_model/unigrams.txt"),
            part: "unigrams.txt"),
        Change(
            name: "empty unigrams", change: Change.write("language_model/unigrams.txt", ""),
            part: nil),
        Change(
            name: "no weights", change: Change.remove("language_model/attrs.json"),
            part: "attrs.json"),
        Change(
            name: "a weight is missing",
            change: Change.write("language_model/attrs.json", #"{"alpha": 0.5, "beta": 1.5}"#),
            part: "lacks score_boundary, unk_score_offset"),
        Change(
            name: "a weight too many",
            change: Change.replace("{", #"{"x": 1, "#, in: "language_model/attrs.json"),
            part: "has x"),
        Change(
            name: "a weight that is no number",
            change: Change.replace("0.5", #""much""#, in: "language_model/attrs.json"),
            part: "must be numbers"),
        Change(name: "no alphabet", change: Change.remove("alphabet.json"), part: "alphabet.json"),
        Change(
            name: "a label is missing", change: Change.replace(#", "Z""#, "", in: "alphabet.json"),
            part: #"lacks "Z""#),
        Change(
            name: "labels as the tokenizer has them",
            change: Change.replace(#""", "<s>""#, #""<pad>", "<s>""#, in: "alphabet.json"),
            part: #"lacks """#),
        Change(
            name: "pieces of words",
            change: Change.replace(#""is_bpe": false"#, #""is_bpe": true"#, in: "alphabet.json"),
            part: "is_bpe"),
        Change(
            name: "a compressed model",
            change: Change.move("language_model/digits2.arpa", "language_model/digits2.arpa.gz"),
            part: "which takes .gz too"),
        Change(
            name: "a model called .klm",
            change: Change.move("language_model/digits2.arpa", "language_model/lm.klm"),
            part: "lm.klm"),
        Change(
            name: "a model called .binary",
            change: Change.move("language_model/digits2.arpa", "language_model/lm.binary"),
            part: nil),
        // transformers takes it, and decodes nonsense.
        Change(
            name: "another order",
            change: Change.replace(#""E", "T""#, #""T", "E""#, in: "alphabet.json"),
            part: #"class 5 is "T""#),
    ]

    @Test(
        "a folder that transformers refuses is refused in words that help",
        arguments: changes.indices)
    func refusals(index: Int) throws {
        let change = Self.changes[index]
        let path = try copy()
        try change.change(path)
        let found = refusal(path)
        if let part = change.part {
            #expect(found.hasPrefix(path) && found.contains(part), "\(change.name): \(found)")
        } else {
            #expect(found == "taken", "\(change.name)")
        }
    }

    @Test("words of a list are lines, whatever ends them")
    func words() throws {
        let path = try folder.write("unigrams.txt", "ONE\r\nTWO\n\n  \nÉTÉ")
        #expect(try WordList.read(path) == ["ONE", "TWO", "ÉTÉ"])
        let damaged = try folder.write("damaged.txt", [0x4F, 0x0A, 0xFF, 0x0A])
        let error = #expect(throws: DecoderFileError.self) { try WordList.read(damaged) }
        #expect(error?.line == 2)
    }
}
