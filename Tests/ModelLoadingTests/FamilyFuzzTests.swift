internal import Checkpoints
internal import Foundation
internal import ModelFamilies
internal import ModelLoading
internal import Testing
internal import Wav2Vec2

/// Damaged copies of what relatives of wav2vec 2.0 are kept in, all the way through loading.
@Suite("Damaged models of other families") struct FamilyFuzzTests {
    struct Layout: Sendable, CustomStringConvertible {
        let place: String
        /// What is opened.
        let name: String
        var language: String?
        /// What is damaged beside it.
        let others: [String]

        var description: String { "\(place)/\(name)" }
    }

    static let layouts = [
        Layout(
            place: "hf_mms_adapters/model", name: "model.safetensors", language: "deu",
            others: ["adapter.deu.safetensors", "vocab.json", "config.json"]),
        Layout(
            place: "hf_mms_adapters/model", name: "model.safetensors", language: "yue",
            others: ["adapter.yue.bin", "tokenizer_config.json"]),
        Layout(
            place: "omniasr_ctc", name: "checkpoint.pt", others: ["tokenizer.model", "config.json"]),
        Layout(place: "omniasr_ctc", name: "checkpoint_bare.pt", others: []),
        Layout(
            place: "omniasr_ctc/hf_omniasr", name: "model.safetensors",
            others: ["tokenizer.json", "config.json"]),
        Layout(
            place: "hf_wavlm_large/safetensors", name: "model.safetensors", others: ["config.json"]),
        Layout(
            place: "hf_w2v_bert_adapter/safetensors", name: "model.safetensors",
            others: ["config.json", "processor_config.json"]),
        Layout(
            place: "hf_parakeet_ctc/safetensors", name: "model.safetensors",
            others: ["config.json", "processor_config.json", "tokenizer.json"]),
        Layout(
            place: "hf_conformer_relative/safetensors", name: "model.safetensors",
            others: ["config.json"]),
    ]

    private static func folder(_ layout: Layout) throws -> MemoryFolder {
        let path =
            URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Fixtures/golden/zoo").path
            + "/\(layout.place)"
        var files: [String: [UInt8]] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: path)
        where name.contains(".") && !name.hasPrefix("case") {
            files[name] = [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(path)/\(name)")))
        }
        return MemoryFolder(files: files)
    }

    private static func load(_ layout: Layout, _ folder: MemoryFolder) throws(CheckpointError) {
        guard let file = try folder.file(layout.name) else { return }
        let model = try ModelLoader.load(
            file, in: folder, labels: nil, language: layout.language)
        for (name, shape) in model.configuration.expectedTensors {
            _ = try model.weights.floats(name, shape: shape)
        }
    }

    @Test("what is damaged below loads when it is whole", arguments: layouts)
    func wholeLayoutsLoad(layout: Layout) throws {
        try Self.load(layout, Self.folder(layout))
    }

    @Test("a damaged model gives an answer or an error, never a trap", arguments: layouts)
    func damagedModels(layout: Layout) throws {
        let whole = try Self.folder(layout)
        var refused = 0
        for run in 0..<120 {
            var mutator = Mutator(generator: SeededGenerator(seed: UInt64(run) &* 7_919 &+ 11))
            var folder = whole
            let targets = [layout.name] + layout.others
            let target = targets.randomElement(using: &mutator.generator) ?? layout.name
            guard var bytes = folder.files[target] else { continue }
            mutator.mutate(&bytes)
            folder.files[target] = bytes
            do throws(CheckpointError) {
                try Self.load(layout, folder)
            } catch {
                #expect(!error.message.isEmpty)
                refused += 1
            }
        }
        #expect(refused > 0, "damage is seen")
    }
}
