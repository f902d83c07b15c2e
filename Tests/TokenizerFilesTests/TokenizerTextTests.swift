internal import CTCDecoding
internal import Checkpoints
internal import Foundation
internal import SpeechTypes
internal import StrictJSON
internal import Testing
internal import TokenizerFiles

/// Class sequences against the texts that SentencePiece and the tokenizers library make of them.
///
/// `Tests/Fixtures/tokenizers/make.py` made them.
@Suite("Texts of tokenizer files") struct TokenizerTextTests {
    struct Variant: Sendable, CustomTestStringConvertible {
        let name: String
        let file: FileBytes
        let classes: Int
        let rows: [(ids: [Int], text: String)]

        var testDescription: String { name }
    }

    static let variants: [Variant] = {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent(
                "Fixtures/tokenizers/tokenizers.json"
            )
            .path
        guard let file = try? FileBytes(mapping: path) else { return [] }
        let bytes = file.copy(0..<file.count)
        return ((try? JSONParser.parse(bytes))?.array ?? []).compactMap { value in
            guard let object = value.object, let model = object["model"],
                let member = object.members.first(where: { $0.key == "model" })
            else { return nil }
            let content =
                model.string.map(Self.bytes(ofDigits:)) ?? Array(bytes[member.valueRange])
            return Variant(
                name: object["name"]?.string ?? "", file: FileBytes(content, path: "tokenizer"),
                classes: object["classes"]?.int ?? 0,
                rows: (object["rows"]?.array ?? []).compactMap(\.object).map { row in
                    (row["ids"]?.array?.compactMap(\.int) ?? [], row["text"]?.string ?? "")
                })
        }
    }()

    static func bytes(ofDigits text: String) -> [UInt8] {
        let digits = Array(text.utf8)
        return stride(from: 0, to: digits.count - 1, by: 2).compactMap {
            UInt8(String(decoding: digits[$0...$0 + 1], as: UTF8.self), radix: 16)
        }
    }

    static func symbols(_ ids: [Int]) -> [Transcript.Symbol] {
        ids.enumerated().map {
            .init(index: $1, frames: $0..<$0 + 1, score: -0.1, confidence: 0.9)
        }
    }

    @Test("there are texts to compare with") func fixture() {
        #expect(Self.variants.count == 15)
        #expect(Self.variants.allSatisfy { $0.rows.count >= 16 && $0.classes > 8 })
    }

    @Test("texts are those of the reference, byte for byte", arguments: variants)
    func texts(variant: Variant) throws {
        // The blank is one more class: no id of the rows.
        let vocabulary = try PieceTokenizer(variant.file).vocabulary(
            blank: variant.classes, classes: variant.classes + 1, modelPath: "model")
        let assembler = TextAssembler(vocabulary: vocabulary)
        for row in variant.rows {
            let symbols = Self.symbols(row.ids)
            let text = assembler.referenceText(of: symbols)
            #expect(
                Array(text.utf8) == Array(row.text.utf8), "\(row.ids): \(text), not \(row.text)")
        }
    }

    @Test("records have the words of the reference with single spaces", arguments: variants)
    func records(variant: Variant) throws {
        let vocabulary = try PieceTokenizer(variant.file).vocabulary(
            blank: variant.classes, classes: variant.classes + 1, modelPath: "model")
        let assembler = TextAssembler(vocabulary: vocabulary)
        for row in variant.rows where !row.text.unicodeScalars.contains("\u{2047}") {
            let transcript = assembler.transcript(of: Self.symbols(row.ids))
            let words = row.text.split(separator: " ").map(String.init)
            #expect(transcript.words.map { String(transcript.text(of: $0)) } == words)
            #expect(transcript.text == words.joined(separator: " "))
        }
    }

    @Test("a word knows the symbols that it is made of") func wordsOfPieces() throws {
        let variant = try #require(Self.variants.first { $0.name == "as trained by default" })
        let tokenizer = try PieceTokenizer(variant.file)
        let the = try #require(tokenizer.index(of: " the"))
        let g = try #require(tokenizer.index(of: "g"))
        let vocabulary = try tokenizer.vocabulary(
            blank: 0, classes: tokenizer.pieces.count, modelPath: "model")
        #expect(vocabulary.hasWordPieces)
        let transcript = TextAssembler(vocabulary: vocabulary)
            .transcript(of: Self.symbols([the, g, the]))
        #expect(transcript.text == "theg the")
        #expect(transcript.words.map(\.symbols) == [0..<2, 2..<3])
    }
}
