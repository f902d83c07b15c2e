internal import Checkpoints
internal import Digests
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
                model.configuration.hourglass
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
        #expect(model.configuration.inputNormalization?.epsilon == 1e-7)
        folder.files["processor_config.json"] = nil
        let error = try #require(throws: CheckpointError.self) {
            try load("model.safetensors", in: folder)
        }
        #expect(error.message.contains("preprocessor_config.json"))
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
