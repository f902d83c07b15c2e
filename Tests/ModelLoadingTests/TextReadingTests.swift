internal import CTCDecoding
internal import Checkpoints
internal import Foundation
internal import ModelLoading
internal import SpeechTypes
internal import StrictJSON
internal import Testing
internal import Transcription

/// Class sequences of folders with every kind of tokenizer, against what transformers makes of them.
///
/// `Tests/Fixtures/texts/make.py` made the expected texts with transformers 5.24.
@Suite("Texts of Hugging Face tokenizers") struct TextReadingTests {
    struct Variant: Sendable, CustomTestStringConvertible {
        let name: String
        /// JSON files by name.
        let files: [String: [UInt8]]
        let classes: Int
        let blank: Int
        let rows: [(ids: [Int], text: String, record: String)]

        var testDescription: String { name }
    }

    static let variants: [Variant] = {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Fixtures/texts/transformers.json")
            .path
        guard let file = try? FileBytes(mapping: path) else { return [] }
        let bytes = file.copy(0..<file.count)
        return ((try? JSONParser.parse(bytes))?.array ?? []).compactMap { value in
            guard let object = value.object, let files = object["files"]?.object else { return nil }
            return Variant(
                name: object["name"]?.string ?? "",
                files: Dictionary(
                    uniqueKeysWithValues: files.members.map {
                        ($0.key, Array(bytes[$0.valueRange]))
                    }),
                classes: object["classes"]?.int ?? 0, blank: object["blank"]?.int ?? 0,
                rows: (object["rows"]?.array ?? []).compactMap { $0.object }.map { row in
                    (
                        row["ids"]?.array?.compactMap { $0.int } ?? [], row["text"]?.string ?? "",
                        row["record"]?.string ?? ""
                    )
                })
        }
    }()

    /// The tiny model with `classes` classes and the variant's files beside it.
    private func load(_ variant: Variant) throws -> LoadedModel {
        var folder = TinyModel.folder(
            "model.safetensors",
            SafetensorsWriter.file(TinyModel.tensors(classes: variant.classes)))
        folder.files["tokenizer_config.json"] = nil
        for (name, bytes) in variant.files where name != "config.json" {
            folder.files[name] = bytes
        }
        var config = TinyModel.config.replacing(
            "\"vocab_size\":6", with: "\"vocab_size\":\(variant.classes)"
        ).replacing("\"pad_token_id\":0", with: "\"pad_token_id\":\(variant.blank)")
        if let more = variant.files["config.json"] {
            // One object after another: what the variant says of the tokenizer comes on top.
            let name = try #require(
                try JSONParser.parse(more).object?["tokenizer_class"]?.string)
            config = config.replacing("{\"model", with: "{\"tokenizer_class\":\"\(name)\",\"model")
        }
        folder.files["config.json"] = Array(config.utf8)
        let file = try #require(try folder.file("model.safetensors"))
        return try ModelLoader.load(file, in: folder, labels: nil)
    }

    private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    @Test("there are texts to compare with") func fixture() {
        #expect(Self.variants.count >= 25)
        #expect(Self.variants.allSatisfy { $0.rows.count == 8 && $0.classes > 0 })
    }

    @Test("texts are those of transformers, byte for byte", arguments: variants)
    func texts(variant: Variant) throws {
        let vocabulary = try load(variant).vocabulary
        let assembler = TextAssembler(vocabulary: vocabulary)
        for row in variant.rows {
            let values = row.ids.flatMap { id in
                (0..<variant.classes).map { $0 == id ? Float(-0.1) : Float(-4) }
            }
            let transcript = GreedyDecoder.transcript(
                of: LogProbabilities(
                    frames: row.ids.count, classes: variant.classes, values: values),
                vocabulary: vocabulary)
            let text = assembler.referenceText(of: transcript.symbols)
            #expect(bytes(text) == bytes(row.text), "\(row.ids): \(text), not \(row.text)")
            let record = transcript.text
            #expect(bytes(record) == bytes(row.record), "\(row.ids): \(record), not \(row.record)")
        }
    }
}
