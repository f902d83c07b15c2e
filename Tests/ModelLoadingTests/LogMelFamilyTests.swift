internal import Checkpoints
internal import Foundation
internal import ModelFamilies
internal import ModelLoading
internal import SpeechTypes
internal import StrictJSON
internal import Testing

/// w2v-BERT 2.0 and Parakeet: what their folders say, and what of it is refused.
@Suite("Models that read log-mel features") struct LogMelFamilyTests {
    private static func folder(_ name: String) throws -> MemoryFolder {
        let path = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Fixtures/golden/zoo/\(name)/safetensors")
        var files: [String: [UInt8]] = [:]
        for file in try FileManager.default.contentsOfDirectory(atPath: path.path) {
            files[file] = [UInt8](try Data(contentsOf: path.appending(path: file)))
        }
        return MemoryFolder(files: files)
    }

    private static func load(_ folder: MemoryFolder) throws -> LoadedModel {
        try ModelLoader.load(
            try #require(try folder.file("model.safetensors")), in: folder, labels: nil)
    }

    struct Change: Sendable, CustomStringConvertible {
        let folder: String
        var file = "config.json"
        let old: String
        let new: String
        /// What the error says.
        let part: String

        var description: String { "\(folder): \(old) → \(new)" }

        func applied() throws -> MemoryFolder {
            var changed = try LogMelFamilyTests.folder(folder)
            let text = String(decoding: try #require(changed.files[file]), as: UTF8.self)
            #expect(text.contains(old), "\(self)")
            changed.files[file] = Array(text.replacing(old, with: new).utf8)
            return changed
        }
    }

    private static func changes(
        _ folder: String, _ file: String, _ changes: [(String, String, String)]
    ) -> [Change] {
        changes.map { Change(folder: folder, file: file, old: $0.0, new: $0.1, part: $0.2) }
    }

    static let refused =
        changes(
            "hf_w2v_bert_plain", "config.json",
            [
                (#""relative_key""#, #""rotary""#, "position_embeddings_type is rotary"),
                (#""relative_key""#, "null", "position_embeddings_type is null"),
                (
                    #""use_intermediate_ffn_before_adapter": false"#,
                    #""use_intermediate_ffn_before_adapter": true"#,
                    "use_intermediate_ffn_before_adapter"
                ),
                (
                    #""left_max_position_embeddings": 64"#,
                    #""left_max_position_embeddings": 9007199254740991"#, "distances before"
                ),
                (
                    #""conv_depthwise_kernel_size": 31"#, #""conv_depthwise_kernel_size": 0"#,
                    "depthwise kernel"
                ),
                (#""hidden_act": "swish""#, #""hidden_act": "mish""#, "hidden_act is mish"),
                (#""num_attention_heads": 4"#, #""num_attention_heads": 5"#, "do not divide"),
                (#""vocab_size": 32"#, #""vocab_size": null"#, "vocab_size"),
                (#""layer_norm_eps": 1e-05"#, #""layer_norm_eps": 2"#, "epsilon"),
            ])
        + changes(
            "hf_w2v_bert_plain", "processor_config.json",
            [
                (#""stride": 2"#, #""stride": 3"#, "(stride)"),
                (
                    #""num_mel_bins": 80"#, #""num_mel_bins": 9007199254740991"#,
                    "feature_projection_input_dim"
                ),
                (#""sampling_rate": 16000"#, #""sampling_rate": 8000"#, "8000 samples a second"),
            ])
        + changes(
            "hf_w2v_bert_adapter", "config.json",
            [
                (#""adapter_kernel_size": 3"#, #""adapter_kernel_size": 4"#, "adapter_kernel_size"),
                (#""adapter_stride": 2"#, #""adapter_stride": 7"#, "adapter_stride"),
                (#""num_adapter_layers": 1"#, #""num_adapter_layers": 5"#, "2.4 s"),
                (#""add_adapter": true"#, #""add_adapter": false"#, "has no place"),
                (#""output_hidden_size": 48"#, #""output_hidden_size": 52"#, "adapter.proj"),
            ])
        + changes(
            "hf_parakeet_ctc", "config.json",
            [
                (
                    #""subsampling_factor": 8"#, #""subsampling_factor": 6"#,
                    "subsampling_factor is 6"
                ),
                (
                    #""subsampling_conv_kernel_size": 3"#, #""subsampling_conv_kernel_size": 5"#,
                    "subsampling_conv_kernel_size is 5"
                ),
                (
                    #""subsampling_conv_stride": 2"#, #""subsampling_conv_stride": 1"#,
                    "subsampling_conv_stride is 1"
                ),
                (
                    #""num_key_value_heads": 4"#, #""num_key_value_heads": 2"#,
                    "num_key_value_heads is 2"
                ),
                (#""num_mel_bins": 80"#, #""num_mel_bins": 64"#, "num_mel_bins is 64"),
                (#""conv_kernel_size": 9"#, #""conv_kernel_size": 8"#, "odd ones"),
                (#""attention_bias": true"#, #""attention_bias": false"#, "has no place"),
            ])
        + changes(
            "hf_parakeet_ctc", "processor_config.json",
            [
                (#""n_fft": 512"#, #""n_fft": 500"#, "n_fft 500"),
                (#""hop_length": 160"#, #""hop_length": 170"#, "2.4 s"),
                (#""feature_size": 80"#, #""feature_size": 300"#, "feature_size 300"),
            ])

    @Test("what is not computed is refused with the key that says so", arguments: refused)
    func refusals(change: Change) throws {
        let folder = try change.applied()
        let error = try #require(throws: CheckpointError.self) {
            _ = try Self.load(folder).digest(cache: nil)
        }
        #expect(
            "\(error.tensor ?? "") \(error.message)".contains(change.part), "\(change): \(error)")
    }

    @Test(
        "frames, parameters and what people are told are the model's",
        arguments: [
            ("hf_w2v_bert_plain", "w2v-BERT 2.0", 320, 560, 85_624, "distances from -64 to 8"),
            ("hf_w2v_bert_adapter", "w2v-BERT 2.0", 640, 560, 132_520, "kernel/stride 3/2"),
            ("hf_parakeet_ctc", "Parakeet CTC", 1_280, 160, 88_429, "8 frames made one"),
        ])
    func facts(
        name: String, family: String, step: Int, field: Int, parameters: Int, fact: String
    ) throws {
        let model = try Self.load(Self.folder(name))
        #expect(model.family == family && model.configuration.waveform == nil)
        #expect(model.clock.samplesPerFrame == step && model.clock.receptiveField == field)
        #expect(model.parameterCount == parameters)
        let summary = try ModelSummary(model, cache: nil)
        #expect(summary.text().contains(fact), "\(summary.text())")
        // Only w2v-BERT's convolutions see nothing of the frames behind.
        #expect(summary.text().contains(", causal kernel ") == (family == "w2v-BERT 2.0"))
        let json = try #require(try JSONParser.parse(Array(summary.json.utf8)).object)
        #expect(json["architecture"]?.object?["mel_bins"]?.int == 80)
    }

    @Test(
        "what changes a result changes the digest",
        arguments: [
            Change(
                folder: "hf_parakeet_ctc", old: #""scale_input": true"#,
                new: #""scale_input": false"#, part: ""),
            Change(
                folder: "hf_parakeet_ctc", file: "processor_config.json",
                old: #""preemphasis": 0.97"#, new: #""preemphasis": 0.5"#, part: ""),
            Change(
                folder: "hf_w2v_bert_adapter", old: #""adapter_act": "relu""#,
                new: #""adapter_act": "gelu""#, part: ""),
        ])
    func digests(change: Change) throws {
        let former = try Self.load(Self.folder(change.folder)).digest(cache: nil)
        #expect(try Self.load(change.applied()).digest(cache: nil) != former)
    }
}
