internal import Checkpoints
internal import Digests
internal import ModelFamilies
internal import ModelLoading
internal import SpeechTypes
internal import StrictJSON
internal import Testing
internal import Wav2Vec2

@Suite("Loading the golden checkpoints") struct GoldenLoadingTests {
    private func load(_ golden: GoldenCheckpoint) throws -> LoadedModel {
        try ModelLoader.load(path: golden.path, labelsPath: golden.labelsPath)
    }

    @Test(
        "labels, parameters and container are those of the case",
        arguments: try GoldenCheckpoint.all())
    func facts(golden: GoldenCheckpoint) throws {
        let model = try load(golden)
        let labels = try #require(golden.caseFile["labels"]?.object)
        #expect(model.vocabulary.symbols == labels["symbols"]?.array?.compactMap { $0.string })
        #expect(model.vocabulary.blank == labels["blank"]?.int)
        #expect(model.vocabulary.wordDelimiter == 4)
        #expect(model.container.rawValue == golden.container)
        #expect(model.sampleRate == 16_000)
        #expect(model.blankWeight == 0)
        // The case counts rotary tables too, which are no parameters.
        let tables = model.tensors.ignored.filter { $0.name.hasSuffix("inv_freq") }
        #expect(
            model.parameterCount + tables.reduce(0) { $0 + $1.count }
                == golden.caseFile["parameters"]?.int)
    }

    @Test("every weight can be read as finite floats", arguments: try GoldenCheckpoint.all())
    func weights(golden: GoldenCheckpoint) throws {
        let model = try load(golden)
        for (name, shape) in model.configuration.expectedTensors {
            let floats = try model.weights.floats(name, shape: shape)
            #expect(floats.count == shape.reduce(1, *))
            #expect(floats.allSatisfy { $0.isFinite })
            #expect(floats.contains { $0 != 0 }, "\(name)")
        }
    }

    @Test("the architecture is the case's", arguments: try GoldenCheckpoint.all())
    func architecture(golden: GoldenCheckpoint) throws {
        let found = try #require(load(golden).configuration.waveform)
        let config = try #require(golden.caseFile["config"]?.object)
        let preprocess = try #require(golden.caseFile["preprocess"]?.object)
        let epsilon = preprocess["normalize"]?.bool == true ? preprocess["eps"]?.double : nil
        #expect(found.inputNormalization?.epsilon == epsilon.map { Float($0) })
        #expect(found.classes == 32)
        func int(_ names: String...) -> Int? { names.compactMap { config[$0]?.int }.first }
        #expect(found.hiddenWidth == int("encoder_embed_dim", "hidden_size"))
        #expect(found.feedForwardWidth == int("encoder_ffn_embed_dim", "intermediate_size"))
        #expect(found.attentionHeads == int("encoder_attention_heads", "num_attention_heads"))
        #expect(found.encoderLayers == int("encoder_layers", "num_hidden_layers"))
        if let kernel = int("conv_pos", "num_conv_pos_embeddings") {
            #expect(found.positionalKernel == kernel)
        }
        if let groups = int("conv_pos_groups", "num_conv_pos_embedding_groups") {
            #expect(found.positionalGroups == groups)
        }
        let isLayer = ["layer_norm", "layer"].contains(
            (config["extractor_mode"] ?? config["feat_extract_norm"])?.string ?? "")
        #expect(found.extractorNorm == (isLayer ? .layer : .group))
        #expect(found.hasConvBias == (config["conv_bias"]?.bool ?? false))
        let preNorm = (config["layer_norm_first"] ?? config["do_stable_layer_norm"])?.bool ?? false
        #expect(found.isPreNorm == preNorm)
        #expect(found.usesRotaryEmbeddings == (config["rotary_embeddings"]?.bool ?? false))
        #expect((found.hourglass == nil) == (config["hourglass_transformer"]?.string == nil))
        if let hourglass = found.hourglass {
            let text =
                "[\(hourglass.layersBefore),(\(hourglass.layersShortened),\(hourglass.factor)),"
                + "\(hourglass.layersAfter)]"
            #expect(text == config["hourglass_transformer"]?.string)
            #expect(hourglass.resampling.rawValue == config["hourglass_resample"]?.string)
        }
        #expect(found.hasProjection == (golden.caseName != "nv_rotary_hourglass"))
    }

    @Test("one model has one digest in any container", arguments: ["hf_group_norm", "fairseq_ctc"])
    func digests(caseName: String) throws {
        let models = try GoldenCheckpoint.all().filter { $0.caseName == caseName }.map(load)
        let sameWeights = models.filter { model in
            model.tensors.tensors.values.allSatisfy { $0.elementType == .float32 }
        }
        #expect(sameWeights.count == 3)
        #expect(Set(try sameWeights.map { try $0.digest(cache: nil) }).count == 1)
        let all = Set(try models.map { try $0.digest(cache: nil) })
        #expect(all.count == models.count - 2, "other precisions are other models")
    }

    @Test("projections that share one storage are its three parts, each read right")
    func sharedStorage() throws {
        let golden = try #require(
            try GoldenCheckpoint.all().first { $0.caseName == "nv_hourglass_default" })
        let model = try load(golden)
        let layer = "encoder.layers.0.attention"
        let parts = try ["q_proj", "k_proj", "v_proj"].map {
            try #require(model.tensors.tensors["\(layer).\($0).weight"])
        }
        let size = 32 * 32 * 4
        #expect(parts[1].fileOffset - parts[0].fileOffset == size)
        #expect(parts[2].fileOffset - parts[1].fileOffset == size)
        #expect(parts.allSatisfy { $0.shape == [32, 32] && $0.byteCount == size })
    }

    @Test("a model is found by its folder, its weights or its config.json")
    func waysIn() throws {
        let folder = "\(GoldenCheckpoint.root)/hf_group_norm/bin"
        let digests = try ["", "/pytorch_model.bin", "/config.json"].map {
            try ModelLoader.load(path: folder + $0).digest(cache: nil)
        }
        #expect(Set(digests).count == 1)
    }

    @Test("mixed precision is told by the tensors")
    func mixedPrecision() throws {
        let golden = try #require(
            try GoldenCheckpoint.all().first { $0.caseName == "nv_bf16_train_state" })
        let summary = try ModelSummary(load(golden), cache: nil)
        #expect(summary.precisions.map { $0.elementType } == [.bfloat16, .float32])
        #expect(summary.precisions.last?.tensors == 3)
        #expect(summary.text().contains("BF16"))
        let json = try JSONParser.parse(Array(summary.json.utf8))
        #expect(json.object?["tensors"]?.array?.count == summary.tensors.count)
        #expect(json.object?["digest"]?.string == summary.digest.hex)
    }

    @Test("fairseq's files ask for labels and say which")
    func fairseqLabels() throws {
        let path = "\(GoldenCheckpoint.root)/fairseq_ctc/checkpoint_args_legacy.pt"
        let error = try #require(throws: CheckpointError.self) { try ModelLoader.load(path: path) }
        #expect(error.message.contains("--labels dict.ltr.txt"))
    }
}
