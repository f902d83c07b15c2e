internal import Checkpoints

/// The smallest model that is one: real strides, width 4, one layer; in every layout and container.
enum TinyModel {
    static let labels = "| 9\nE 5\n"
    private static let kernels = [10, 3, 3, 3, 3, 2, 2]

    /// Hugging Face names, shapes and weights that a fixed rule gives.
    static let tensors: [PlainTensor] = {
        var shapes: [(String, [Int])] = [("wav2vec2.masked_spec_embed", [4])]
        func addBoth(_ name: String, _ shape: [Int]) {
            shapes.append(("\(name).weight", shape))
            shapes.append(("\(name).bias", [shape[0]]))
        }
        for (index, kernel) in kernels.enumerated() {
            let layer = "wav2vec2.feature_extractor.conv_layers.\(index)"
            shapes.append(("\(layer).conv.weight", [2, index == 0 ? 1 : 2, kernel]))
            if index == 0 { addBoth("\(layer).layer_norm", [2]) }
        }
        addBoth("wav2vec2.feature_projection.layer_norm", [2])
        addBoth("wav2vec2.feature_projection.projection", [4, 2])
        shapes.append(("wav2vec2.encoder.pos_conv_embed.conv.bias", [4]))
        shapes.append(("wav2vec2.encoder.pos_conv_embed.conv.weight_g", [1, 1, 2]))
        shapes.append(("wav2vec2.encoder.pos_conv_embed.conv.weight_v", [4, 2, 2]))
        addBoth("wav2vec2.encoder.layer_norm", [4])
        let layer = "wav2vec2.encoder.layers.0"
        for part in ["q_proj", "k_proj", "v_proj", "out_proj"] {
            addBoth("\(layer).attention.\(part)", [4, 4])
        }
        addBoth("\(layer).layer_norm", [4])
        addBoth("\(layer).feed_forward.intermediate_dense", [6, 4])
        addBoth("\(layer).feed_forward.output_dense", [4, 6])
        addBoth("\(layer).final_layer_norm", [4])
        addBoth("lm_head", [6, 4])
        var next: Float = 0
        return shapes.map { name, shape in
            PlainTensor(
                name, shape,
                (0..<shape.reduce(1, *)).map { _ in
                    next = (next * 1.7 + 0.31).truncatingRemainder(dividingBy: 2)
                    return next - 1
                })
        }
    }()

    /// The same with a head of `classes` classes.
    static func tensors(classes: Int) -> [PlainTensor] {
        tensors.map { tensor in
            switch tensor.name {
            case "lm_head.weight":
                PlainTensor(
                    tensor.name, [classes, 4], [Float](repeating: 0.5, count: classes * 4))
            case "lm_head.bias":
                PlainTensor(tensor.name, [classes], [Float](repeating: 0.5, count: classes))
            default: tensor
            }
        }
    }

    /// The same under fairseq's names.
    static let fairseqTensors: [PlainTensor] = tensors.map { tensor in
        var tensor = tensor
        var name = tensor.name.replacing("wav2vec2.", with: "w2v_encoder.w2v_model.")
        for (ours, theirs) in [
            ("masked_spec_embed", "mask_emb"), (".conv.weight", ".0.weight"),
            ("conv_layers.0.layer_norm", "conv_layers.0.2"),
            ("feature_projection.layer_norm", "layer_norm"),
            ("feature_projection.projection", "post_extract_proj"),
            ("pos_conv_embed.conv", "pos_conv.0"), ("lm_head", "w2v_encoder.proj"),
            ("pos_conv_embed.0", "pos_conv.0"),
            ("attention.", "self_attn."), ("layers.0.layer_norm", "layers.0.self_attn_layer_norm"),
            ("feed_forward.intermediate_dense", "fc1"), ("feed_forward.output_dense", "fc2"),
        ] where !(ours == ".conv.weight" && name.contains("pos_conv")) {
            name = name.replacing(ours, with: theirs)
        }
        tensor.name = name
        return tensor
    }

    static let config = """
        {"model_type":"wav2vec2","architectures":["Wav2Vec2ForCTC"],"hidden_size":4,\
        "intermediate_size":6,"num_hidden_layers":1,"num_attention_heads":2,"vocab_size":6,\
        "conv_dim":[2,2,2,2,2,2,2],"conv_kernel":[10,3,3,3,3,2,2],"conv_stride":[5,2,2,2,2,2,2],\
        "num_conv_pos_embeddings":2,"num_conv_pos_embedding_groups":2,"pad_token_id":0,\
        "layer_norm_eps":1e-05,"add_adapter":false,"adapter_attn_dim":null}
        """
    static let preprocessor = """
        {"do_normalize":true,"feature_size":1,"sampling_rate":16000}
        """
    static let vocabulary = """
        {"<pad>":0,"<s>":1,"</s>":2,"<unk>":3,"|":4,"E":5}
        """
    static let tokenizer = """
        {"pad_token":"<pad>","word_delimiter_token":"|","do_lower_case":false}
        """

    /// The arguments of a training run that give the same architecture.
    static let arguments: [(String, Pickled)] = [
        ("extractor_mode", .string("default")), ("conv_bias", .bool(false)),
        (
            "conv_feature_layers",
            .string("[(2,10,5)] + [(2,3,2)] * 4 + [(2,2,2)] + [(2, 2, 2)]")
        ),
        ("encoder_layers", .int(1)), ("encoder_embed_dim", .int(4)),
        ("encoder_ffn_embed_dim", .int(6)), ("encoder_attention_heads", .int(2)),
        ("activation_fn", .string("gelu")), ("layer_norm_first", .bool(false)),
        ("conv_pos", .int(2)), ("conv_pos_groups", .int(2)), ("normalize", .bool(true)),
        ("hourglass_transformer", .none),
    ]

    // MARK: Layouts

    /// A Hugging Face folder with the weight file `name`.
    static func folder(_ name: String, _ weights: [UInt8]) -> MemoryFolder {
        MemoryFolder(files: [
            name: weights, "config.json": Array(config.utf8),
            "preprocessor_config.json": Array(preprocessor.utf8),
            "vocab.json": Array(vocabulary.utf8), "tokenizer_config.json": Array(tokenizer.utf8),
        ])
    }

    static func torchZip(isZip64: Bool = false) -> [UInt8] {
        TorchWriter.zip(
            TorchWriter.stateDictionary(tensors), storages: tensors.map { $0.bytes },
            isZip64: isZip64)
    }

    static func torchLegacy() -> [UInt8] {
        TorchWriter.legacy(
            TorchWriter.stateDictionary(tensors, hasViewField: true),
            storages: tensors.map { ($0.elementCount, $0.bytes) })
    }

    /// The root of an NVIDIA checkpoint.
    static func nvidiaRoot(
        _ changes: [(String, Pickled)] = [], tensors: [PlainTensor] = fairseqTensors
    ) -> Pickled {
        let changed = Set(changes.map { $0.0 })
        let kept = arguments.filter { !changed.contains($0.0) }
        return .dictionary([
            ("args", .dictionary([("mode", .string("finetune"))] + kept + changes)),
            ("model", TorchWriter.stateDictionary(tensors)),
            ("ema_model", .none), ("output_labels", .string(labels)),
        ])
    }

    static func nvidia(_ changes: [(String, Pickled)] = []) -> [UInt8] {
        TorchWriter.zip(nvidiaRoot(changes), storages: fairseqTensors.map { $0.bytes })
    }

    /// fairseq's first generation: nested namespaces.
    static func fairseqNamespace() -> [UInt8] {
        let inner = Pickled.object(
            module: "argparse", name: "Namespace", state: .dictionary(arguments))
        let outer = Pickled.object(
            module: "argparse", name: "Namespace",
            state: .dictionary([("w2v_args", inner), ("normalize", .bool(true))]))
        return TorchWriter.legacy(
            .dictionary([
                ("args", outer),
                ("model", TorchWriter.stateDictionary(fairseqTensors, hasViewField: true)),
            ]), storages: fairseqTensors.map { ($0.elementCount, $0.bytes) })
    }

    /// fairseq's omegaconf generation, cut down to the nodes that matter.
    static func fairseqOmegaConf() -> [UInt8] {
        func container(_ members: [(String, Pickled)]) -> Pickled {
            .object(
                module: "omegaconf.dictconfig", name: "DictConfig",
                state: .dictionary([("_parent", .none), ("_content", .dictionary(members))]))
        }
        func node(_ value: Pickled) -> Pickled {
            .object(
                module: "omegaconf.nodes", name: "AnyNode",
                state: .dictionary([("_parent", .none), ("_val", value)]))
        }
        let architecture = container(arguments.map { ($0.0, node($0.1)) })
        let task = container([("normalize", node(.bool(true)))])
        let nested = container([("model", architecture), ("task", task)])
        return TorchWriter.zip(
            .dictionary([
                ("cfg", container([("model", container([("w2v_args", nested)]))])),
                ("args", .none), ("model", TorchWriter.stateDictionary(fairseqTensors)),
            ]), storages: fairseqTensors.map { $0.bytes })
    }
}

/// A folder whose files are in memory.
struct MemoryFolder: CheckpointFolder {
    let path = "memory"
    var files: [String: [UInt8]]

    func file(_ name: String) throws(CheckpointError) -> FileBytes? {
        files[name].map { FileBytes($0, path: "memory/\(name)") }
    }
}
