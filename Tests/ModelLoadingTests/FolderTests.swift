internal import Checkpoints
internal import Digests
internal import ModelFamilies
internal import ModelLoading
internal import SpeechTypes
internal import Testing
internal import Wav2Vec2

@Suite("Hugging Face folders") struct FolderTests {
    private func load(_ name: String, in folder: MemoryFolder) throws -> LoadedModel {
        try ModelLoader.load(#require(try folder.file(name)), in: folder, labels: nil)
    }

    private static let whole = TinyModel.folder(
        "model.safetensors", SafetensorsWriter.file(TinyModel.tensors))

    /// The tiny model cut in two, with its index.
    private func sharded(_ container: ([PlainTensor]) -> [UInt8], _ ending: String) -> MemoryFolder
    {
        let middle = TinyModel.tensors.count / 2
        let parts = [Array(TinyModel.tensors[..<middle]), Array(TinyModel.tensors[middle...])]
        var folder = TinyModel.folder("1\(ending)", container(parts[0]))
        folder.files["2\(ending)"] = container(parts[1])
        let entries = parts.enumerated().flatMap { index, part in
            part.map { "\"\($0.name)\":\"\(index + 1)\(ending)\"" }
        }
        folder.files["index.json"] = Array(
            "{\"metadata\":{},\"weight_map\":{\(entries.joined(separator: ","))}}".utf8)
        return folder
    }

    private func torchZip(_ tensors: [PlainTensor]) -> [UInt8] {
        TorchWriter.zip(
            TorchWriter.stateDictionary(tensors), storages: tensors.map { $0.bytes })
    }

    @Test("shards of either container are one model, with the digest of the whole")
    func shards() throws {
        let whole = try load("model.safetensors", in: Self.whole).digest(cache: nil)
        for folder in [sharded(SafetensorsWriter.file, ".safetensors"), sharded(torchZip, ".bin")] {
            #expect(try load("index.json", in: folder).digest(cache: nil) == whole)
        }
    }

    @Test("a missing shard, and a tensor that the index does not list, are named")
    func brokenShards() throws {
        var folder = sharded(SafetensorsWriter.file, ".safetensors")
        let index = try #require(folder.files["index.json"])
        folder.files["2.safetensors"] = nil
        let missing = try #require(throws: CheckpointError.self) {
            try load("index.json", in: folder)
        }
        #expect(missing.message.contains("2.safetensors"))

        folder = sharded(SafetensorsWriter.file, ".safetensors")
        let text = String(decoding: index, as: UTF8.self)
        folder.files["index.json"] = Array(
            text.replacing("\"lm_head.bias\":\"2.safetensors\"", with: "\"x\":\"1.safetensors\"")
                .utf8)
        let unlisted = try #require(throws: CheckpointError.self) {
            try load("index.json", in: folder)
        }
        #expect(unlisted.tensor == "lm_head.bias")

        folder.files["index.json"] = Array("{\"weight_map\":{\"a\":\"../1.safetensors\"}}".utf8)
        let outside = try #require(throws: CheckpointError.self) {
            try load("index.json", in: folder)
        }
        #expect(outside.message.contains("same folder"))
    }

    @Test("an hourglass model in Hugging Face layout loads, its schedule a text or a list")
    func hourglass() throws {
        var tensors = TinyModel.tensors
        for index in tensors.indices {
            tensors[index].name.replace("encoder.layers.0", with: "encoder.hourglass_layers.0")
        }
        let template = try #require(tensors.first { $0.name.contains("q_proj.weight") })
        for (name, shape) in [
            ("downsample_layer.linear.weight", [4, 8]), ("downsample_layer.linear.bias", [4]),
            ("upsample_layer.linear.weight", [8, 4]), ("upsample_layer.linear.bias", [8]),
        ] {
            var tensor = template
            tensor.name = "wav2vec2.encoder.\(name)"
            tensor.shape = shape
            tensor.bytes = Array(
                repeatElement(template.bytes, count: 2).joined().prefix(shape.reduce(4, *)))
            tensors.append(tensor)
        }
        for schedule in ["\"[0,(1,2),0]\"", "[0,[1,2],0]"] {
            var folder = TinyModel.folder("model.safetensors", SafetensorsWriter.file(tensors))
            folder.files["config.json"] = Array(
                TinyModel.config.replacing(
                    "\"model_type\":\"wav2vec2\"",
                    with: "\"model_type\":\"wav2vec2-hourglass\",\"hourglass_transformer\":"
                        + "\(schedule),\"hourglass_resample\":\"linear\""
                ).utf8)
            let model = try load("model.safetensors", in: folder)
            #expect(
                model.configuration.waveform?.hourglass
                    == .init(
                        layersBefore: 0, layersShortened: 1, factor: 2, layersAfter: 0,
                        resampling: .linear))
            #expect(model.weights["encoder"]["upsample_layer"].contains("linear.bias"))
        }
    }

    @Test("either name of the positional weights is the same model")
    func positionalNames() throws {
        var tensors = TinyModel.tensors
        for index in tensors.indices {
            tensors[index].name.replace(
                "conv.weight_g", with: "conv.parametrizations.weight.original0")
            tensors[index].name.replace(
                "conv.weight_v", with: "conv.parametrizations.weight.original1")
        }
        let folder = TinyModel.folder("model.safetensors", SafetensorsWriter.file(tensors))
        #expect(
            try load("model.safetensors", in: folder).digest(cache: nil)
                == load("model.safetensors", in: Self.whole).digest(cache: nil))
    }

    @Test("the newer processor_config.json serves as well")
    func processor() throws {
        var folder = Self.whole
        folder.files["preprocessor_config.json"] = nil
        folder.files["processor_config.json"] = Array(
            "{\"feature_extractor\":\(TinyModel.preprocessor)}".utf8)
        let model = try load("model.safetensors", in: folder)
        #expect(model.configuration.waveform?.inputNormalization?.epsilon == 1e-7)
        folder.files["processor_config.json"] = nil
        let error = try #require(throws: CheckpointError.self) {
            try load("model.safetensors", in: folder)
        }
        #expect(error.message.contains("preprocessor_config.json"))
    }

    // MARK: Names

    private func folder(
        adding names: [String] = [], renaming rename: (String) -> String = { $0 }
    ) -> MemoryFolder {
        let tensors = TinyModel.tensors.map { tensor in
            var tensor = tensor
            tensor.name = rename(tensor.name)
            return tensor
        }
        return TinyModel.folder(
            "model.safetensors",
            SafetensorsWriter.file(tensors + names.map { PlainTensor($0, [2], [1, 2]) }))
    }

    @Test(
        "tensors that only training needs are left out, and said to be",
        arguments: [
            "wav2vec2.mask_time_emb_vector", "mask_time_emb_vector", "quantizer.codevectors",
            "quantizer.weight_proj.weight", "project_hid.weight", "project_q.bias",
            "wav2vec2.final_proj.weight", "label_embs_concat", "wav2vec2.label_embeddings_concat",
            "wav2vec2.encoder.pos_conv_embed.batch_norm.num_batches_tracked",
        ])
    func trainingOnly(name: String) throws {
        let model = try load("model.safetensors", in: folder(adding: [name]))
        #expect(
            try model.digest(cache: nil)
                == load("model.safetensors", in: Self.whole).digest(cache: nil))
        let summary = try ModelSummary(model, cache: nil)
        #expect(summary.unusedTensors == [name, "wav2vec2.masked_spec_embed"].sorted())
        #expect(summary.text().contains(name) && summary.json.contains(name))
    }

    @Test(
        "what only looks like training is refused with what to do",
        arguments: [
            "wav2vec2.encoder.layers.0.adapter_layer.norm.weight", "classifier.weight",
            "wav2vec2.encoder.layers.1.quantizer.weight", "masked_spec_embed_2",
        ])
    func notTrainingOnly(name: String) throws {
        let error = try #require(throws: CheckpointError.self) {
            try load("model.safetensors", in: folder(adding: [name]))
        }
        #expect(error.code == .surplusTensor && error.tensor == name)
        #expect(error.message.contains("save the model without it"))
    }

    @Test(
        "what wrappers put into names is taken off, and said to be",
        arguments: [
            ("module.", ["module."]), ("_orig_mod.", ["_orig_mod."]), ("model.", ["model."]),
            ("module._orig_mod.", ["_orig_mod.", "module."]),
            ("model.module.", ["model.", "module."]),
        ])
    func wrappers(prefix: String, named: [String]) throws {
        let model = try load("model.safetensors", in: folder(renaming: { prefix + $0 }))
        #expect(
            try model.digest(cache: nil)
                == load("model.safetensors", in: Self.whole).digest(cache: nil))
        let summary = try ModelSummary(model, cache: nil)
        #expect(summary.wrappers == named)
        #expect(named.allSatisfy { summary.text().contains($0) })
    }

    @Test("a prefix that no known wrapper adds is refused by its name")
    func unknownWrapper() throws {
        let error = try #require(throws: CheckpointError.self) {
            try load("model.safetensors", in: folder(renaming: { "speech.asr.\($0)" }))
        }
        #expect(error.code == .refused && error.message.contains("speech.asr."), "\(error)")
    }

    // MARK: Symbols

    @Test("oddities of a vocabulary are warned of, in inspect too")
    func warnings() throws {
        func warnings(_ vocabulary: String, tokenizer: String = TinyModel.tokenizer) throws
            -> String
        {
            var folder = Self.whole
            folder.files["vocab.json"] = Array(vocabulary.utf8)
            folder.files["tokenizer_config.json"] = Array(tokenizer.utf8)
            let model = try load("model.safetensors", in: folder)
            let summary = try ModelSummary(model, cache: nil)
            #expect(model.warnings.allSatisfy { summary.text().contains($0) })
            #expect(summary.json.contains("\"warnings\":["))
            return model.warnings.joined(separator: "\n")
        }
        #expect(try warnings(TinyModel.vocabulary) == "")
        let double = try warnings(
            "{\"<pad>\":0,\"<s>\":1,\"</s>\":2,\"<unk>\":3,\"a\":5,\"|\":4,\"b\":5}")
        #expect(double.contains("class 5 has two symbols, a and b"))
        let none = try warnings("{\"<pad>\":0,\"|\":1,\"a\":2,\"<unk>\":5}")
        #expect(none.contains("class 3 has no symbol"))
        let unscored = try warnings(
            String(TinyModel.vocabulary.dropLast()) + ",\"q\":6,\"<x>\":7}")
        #expect(unscored.contains("does not score the symbols q, <x>"))
        var folder = Self.whole
        folder.files["preprocessor_config.json"] = Array(
            TinyModel.preprocessor.replacing(
                "{", with: "{\"processor_class\":\"Wav2Vec2ProcessorWithLM\","
            ).utf8)
        // What is done with its language model is the decoder's business.
        #expect(try load("model.safetensors", in: folder).warnings.isEmpty)
    }

    @Test("canonically equivalent symbols are different classes")
    func equivalentSymbols() throws {
        var folder = Self.whole
        folder.files["vocab.json"] = Array(
            "{\"<pad>\":0,\"|\":1,\"\u{3A9}\":2,\"\u{2126}\":3,\"\u{E9}\":4,\"e\u{301}\":5}".utf8)
        let symbols = try load("model.safetensors", in: folder).vocabulary.symbols
        let wanted = ["<pad>", "|", "\u{3A9}", "\u{2126}", "\u{E9}", "e\u{301}"]
        #expect(symbols.map { Array($0.utf8) } == wanted.map { Array($0.utf8) })
        let labels = try Vocabulary(labelFile: "| 9\n\u{3A9} 1\n\u{2126} 1\n", path: "labels")
        #expect(labels.symbols.count == 7)
    }

    @Test("a model's text rules are part of its digest, and only where they are unusual")
    func textRulesInDigest() throws {
        func digest(_ tokenizer: String) throws -> ContentDigest {
            var folder = Self.whole
            folder.files["tokenizer_config.json"] = Array(tokenizer.utf8)
            return try load("model.safetensors", in: folder).digest(cache: nil)
        }
        let usual = try digest(TinyModel.tokenizer)
        #expect(try digest("{}") == usual)
        #expect(try digest("{\"tokenizer_class\":\"Wav2Vec2CTCTokenizer\"}") == usual)
        let others = try [
            "{\"tokenizer_class\":\"Wav2Vec2PhonemeCTCTokenizer\"}", "{\"do_lower_case\":true}",
            "{\"replace_word_delimiter_char\":\"\"}", "{\"word_delimiter_token\":null}",
            "{\"clean_up_tokenization_spaces\":true}",
        ].map { try digest($0) }
        #expect(Set(others + [usual]).count == others.count + 1)
    }

    @Test("a weight file is known by its content, whatever its name says")
    func misnamed() throws {
        let folder = TinyModel.folder(
            "pytorch_model.bin", SafetensorsWriter.file(TinyModel.tensors))
        #expect(try load("pytorch_model.bin", in: folder).container == .safetensors)
    }

    @Test("any change of weights, labels or configuration changes the digest")
    func digestChanges() throws {
        let original = try load("model.safetensors", in: Self.whole).digest(cache: nil)
        var tensors = TinyModel.tensors
        tensors[10].bytes[2] ^= 1
        var others = [TinyModel.folder("model.safetensors", SafetensorsWriter.file(tensors))]
        for (name, old, new) in [
            ("vocab.json", "\"E\"", "\"F\""), ("config.json", "1e-05", "1e-06"),
            ("preprocessor_config.json", "true", "false"),
        ] {
            var folder = Self.whole
            let text = String(decoding: try #require(folder.files[name]), as: UTF8.self)
            folder.files[name] = Array(text.replacing(old, with: new).utf8)
            others.append(folder)
        }
        for folder in others {
            #expect(try load("model.safetensors", in: folder).digest(cache: nil) != original)
        }
    }
}
