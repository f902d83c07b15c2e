internal import CTCDecoding
internal import Checkpoints
internal import ModelLoading
internal import SpeechTypes
internal import StrictJSON
internal import Testing

/// Folders with every option that changes text, against the texts of the real tokenizers.
@Suite("Golden texts of tokenizer options") struct GoldenTextTests {
    private static let root: String = {
        let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
        return (parts.dropLast(2) + ["Fixtures", "texts", "hf_texts"]).joined(separator: "/")
    }()

    struct Variant: Sendable, CustomTestStringConvertible {
        let folder: String
        let blank: Int
        let rows: [(ids: [Int], text: String)]
        var testDescription: String { folder }
    }

    static let variants: [Variant] = {
        guard
            let file = try? JSONText.object(of: FileBytes(mapping: "\(root)/case.json")),
            let variants = file["variants"]?.array
        else { return [] }
        return variants.compactMap(\.object).map { variant in
            Variant(
                folder: variant["folder"]?.string ?? "", blank: variant["blank"]?.int ?? -1,
                rows: (variant["rows"]?.array ?? []).compactMap(\.object).map {
                    ($0["ids"]?.array?.compactMap(\.int) ?? [], $0["text"]?.string ?? "")
                })
        }
    }()

    /// The tiny model with the variant's tokenizer and as many classes as that has.
    private func load(_ variant: Variant) throws -> LoadedModel {
        let files = DiskFolder("\(Self.root)/\(variant.folder)")
        let tokenizer = try #require(try files.file("tokenizer_config.json"))
        let vocabulary = try #require(try files.file("vocab.json"))
        var table = try JSONText.object(of: vocabulary)
        if let language = try JSONText.object(of: tokenizer)["target_lang"]?.string {
            table = try #require(table[language]?.object)
        }
        let classes = table.members.count
        var folder = TinyModel.folder(
            "model.safetensors", SafetensorsWriter.file(TinyModel.tensors(classes: classes)))
        for file in [tokenizer, vocabulary] {
            let name = String(file.path.split(separator: "/").last ?? "")
            folder.files[name] = file.copy(0..<file.count)
        }
        folder.files["config.json"] = Array(
            TinyModel.config.replacing("\"vocab_size\":6", with: "\"vocab_size\":\(classes)")
                .replacing("\"pad_token_id\":0", with: "\"pad_token_id\":\(variant.blank)").utf8)
        return try ModelLoader.load(
            #require(try folder.file("model.safetensors")), in: folder, labels: nil)
    }

    @Test("there are twelve sets of options") func fixture() {
        #expect(Self.variants.count == 12)
        #expect(Self.variants.allSatisfy { $0.rows.count >= 5 && $0.blank >= 0 })
    }

    @Test("texts are those of transformers, byte for byte", arguments: variants)
    func texts(variant: Variant) throws {
        let vocabulary = try load(variant).vocabulary
        let assembler = TextAssembler(vocabulary: vocabulary)
        let classes = vocabulary.symbols.count
        for row in variant.rows {
            let values = row.ids.flatMap { id in
                (0..<classes).map { $0 == id ? Float(-0.1) : Float(-4) }
            }
            let symbols = GreedyDecoder.transcript(
                of: LogProbabilities(frames: row.ids.count, classes: classes, values: values),
                vocabulary: vocabulary
            ).symbols
            let text = assembler.referenceText(of: symbols)
            #expect(
                Array(text.utf8) == Array(row.text.utf8), "\(row.ids): \(text), not \(row.text)")
        }
    }
}
