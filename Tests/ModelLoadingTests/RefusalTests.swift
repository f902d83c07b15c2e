internal import Checkpoints
internal import ModelFamilies
internal import ModelLoading
internal import SpeechTypes
internal import Testing
internal import Wav2Vec2

@Suite("Models that are refused") struct RefusalTests {
    /// The error of loading `bytes` as a training checkpoint and reading all of it.
    private func error(
        _ bytes: [UInt8], labels: String? = nil
    ) throws -> CheckpointError {
        try error("a.pt", in: MemoryFolder(files: ["a.pt": bytes]), labels: labels)
    }

    private func error(
        _ name: String, in folder: MemoryFolder, labels: String? = nil
    ) throws -> CheckpointError {
        try #require(throws: CheckpointError.self) {
            let file = try #require(try folder.file(name))
            let model = try ModelLoader.load(
                file, in: folder, labels: labels.map { FileBytes(Array($0.utf8), path: "labels") })
            _ = try model.digest(cache: nil)
        }
    }

    private static let safetensors = SafetensorsWriter.file(TinyModel.tensors)

    /// A Hugging Face folder in which the JSON file `name` has `old` replaced.
    private func folder(_ name: String, _ old: String, _ new: String) throws -> MemoryFolder {
        var folder = TinyModel.folder("model.safetensors", Self.safetensors)
        let text = String(decoding: try #require(folder.files[name]), as: UTF8.self)
        #expect(text.contains(old))
        folder.files[name] = Array(text.replacing(old, with: new).utf8)
        return folder
    }

    // MARK: What is no checkpoint

    @Test(
        "what is no checkpoint is named for what it is",
        arguments: [
            ("<!DOCTYPE html>\n<html>", "web page"),
            ("version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "git-lfs"),
            ("", "is empty"), ("hello, world, this is no model", "no checkpoint"),
            ("\u{80}", "no checkpoint"),
        ])
    func noCheckpoint(text: String, part: String) throws {
        let error = try error(Array(text.utf8))
        #expect(error.code == .unknownFormat)
        #expect(error.message.contains(part), "\(error)")
    }

    @Test("a zip archive that PyTorch did not write is refused")
    func otherZip() throws {
        let archive = ZipWriter.archive([.init(name: "a/readme", bytes: [1, 2, 3])])
        #expect(try error(archive).code == .unknownFormat)
    }

    @Test("a folder without config.json is refused with what is expected")
    func noConfiguration() throws {
        var folder = TinyModel.folder("model.safetensors", Self.safetensors)
        folder.files["config.json"] = nil
        #expect(try error("model.safetensors", in: folder).message.contains("config.json"))
    }

    @Test("a path that leads nowhere is refused")
    func nowhere() throws {
        let error = try #require(throws: CheckpointError.self) {
            try ModelLoader.load(path: "/nowhere/model.pt")
        }
        #expect(error.code == .unreadable)
    }

    @Test(
        "a file of another toolkit is named, with what to use in its place",
        arguments: [
            ("m.nemo", [0x1F, 0x8B, 8], "NeMo archive"), ("m.bin", Array("GGUF".utf8), "GGUF"),
            ("m.bin", Array("lmgg".utf8), "whisper.cpp"), ("m.onnx", [8, 7, 18], "ONNX"),
            ("m.tar", tar("./model_config.yaml"), "NeMo archive"),
            ("m.tar", tar("a"), "PyTorch before"),
        ])
    func otherToolkits(name: String, bytes: [UInt8], part: String) throws {
        let error = try error(name, in: MemoryFolder(files: [name: bytes]))
        #expect(error.code == .unknownFormat && error.message.contains(part), "\(error)")
    }

    /// The first header of an archive whose first member is `name`.
    private static func tar(_ name: String) -> [UInt8] {
        var header = [UInt8](repeating: 0, count: 512)
        header.replaceSubrange(0..<name.utf8.count, with: Array(name.utf8))
        header.replaceSubrange(257..<262, with: Array("ustar".utf8))
        return header
    }

    @Test(
        "a kind of model that is not computed here is refused by name, with what to use instead",
        arguments: [
            ("sew-d", "SEW-D"), ("lasr_ctc", "Lasr"), ("granite_speech5_ctc", "Granite Speech"),
            ("whisper", "decoder"), ("seamless_m4t_v2", "sequence-to-sequence"),
            ("parakeet_tdt", "transducer"), ("parakeet_rnnt", "transducer"),
            ("speech-encoder-decoder", "decoder"), ("qwen2_audio", "decoder"),
        ])
    func otherKinds(type: String, part: String) throws {
        let error = try error(
            "model.safetensors",
            in: folder("config.json", "\"model_type\":\"wav2vec2\"", "\"model_type\":\"\(type)\""))
        #expect(error.code == .refused && error.path.hasSuffix("config.json"))
        for part in [part, "(\(type))", "use "] {
            #expect(error.message.contains(part), "\(error)")
        }
    }

    @Test("a network of a known family that was made for another task is refused by that task")
    func otherTasks() throws {
        let error = try error(
            "model.safetensors",
            in: folder(
                "config.json", "Wav2Vec2ForCTC", "Wav2Vec2ForSequenceClassification"))
        #expect(error.message.contains("classify recordings"), "\(error)")
    }

    // MARK: What the engine has no arithmetic for

    @Test(
        "an architecture that is not computed here is refused with its name",
        arguments: [
            ("\"add_adapter\":false", "\"add_adapter\":true", "add_adapter"),
            ("\"adapter_attn_dim\":null", "\"adapter_attn_dim\":16", "adapter_attn_dim"),
            ("\"model_type\":\"wav2vec2\"", "\"model_type\":\"bert\"", "bert"),
            ("\"hidden_size\":4", "\"hidden_size\":4,\"hidden_act\":\"selu\"", "selu"),
            ("\"num_attention_heads\":2", "\"num_attention_heads\":3", "3 attention heads"),
            ("[5,2,2,2,2,2,2]", "[5,2,2,2,2,2,7]", "chunks"),
            ("[5,2,2,2,2,2,2]", "[5,2,2,2,2,2]", "different lengths"),
            ("\"hidden_size\":4", "\"hidden_size\":99999999999", "hidden width"),
            ("\"hidden_size\":4", "\"hidden_size\":\"4\"", "whole number"),
            ("\"hidden_size\":4", "\"hidden_size\":-9223372036854775808", "whole number"),
            (
                "\"hidden_size\":4",
                "\"hidden_size\":4,\"hourglass_transformer\":\"[1,(2,4),1]\",\"do_stable_layer_norm\":true",
                "layer norm first"
            ),
            ("\"pad_token_id\":0", "\"pad_token_id\":9", "no blank"),
            ("\"pad_token_id\":0", "\"pad_token_id\":3", "two blanks"),
        ])
    func architecture(old: String, new: String, part: String) throws {
        let error = try error(
            "model.safetensors", in: folder("config.json", old, new))
        #expect(error.message.contains(part), "\(error)")
    }

    @Test("another sampling rate is refused in every layout")
    func samplingRate() throws {
        let folder = try folder("preprocessor_config.json", "16000", "44100")
        let plain = try error("model.safetensors", in: folder)
        #expect(plain.code == .refused && plain.message.contains("44100"))
        let trained = try error(TinyModel.nvidia([("sample_rate", .int(44_100))]))
        #expect(trained.code == .refused && trained.message.contains("44100"))
    }

    @Test(
        "training arguments that change the arithmetic are refused with their name",
        arguments: [
            ("use_spectrogram_features", Pickled.bool(true), "use_spectrogram_features"),
            ("pos_conv_depth", .int(5), "depth 5"),
            ("layer_type", .string("conformer"), "conformer"),
            ("mode", .string("pretrain"), "pre-training"),
            ("extractor_mode", .string("other"), "extractor_mode"),
            ("activation_fn", .string("swish"), "swish"),
            ("conv_feature_layers", .string("[(2,10,5)"), "layer list"),
            ("hourglass_transformer", .string("[2,8]"), "[before,(shortened,factor),after]"),
            ("encoder_layers", .string("one"), "encoder_layers"),
            ("blank_mode", .string("multiply"), "blank_mode"),
        ])
    func arguments(name: String, value: Pickled, part: String) throws {
        let error = try error(TinyModel.nvidia([(name, value)]))
        #expect(error.message.contains(part), "\(error)")
    }

    @Test("an hourglass with layer norm first is refused")
    func hourglassPreNorm() throws {
        let error = try error(
            TinyModel.nvidia([
                ("hourglass_transformer", .string("[0,(1,2),0]")),
                ("layer_norm_first", .bool(true)),
            ]))
        #expect(error.code == .refused && error.message.contains("layer norm first"))
    }

    @Test("a model without a CTC head is refused as pre-trained only")
    func noHead() throws {
        let body = TinyModel.tensors.filter { !$0.name.hasPrefix("lm_head") }
        let plain = try error(
            "model.safetensors",
            in: TinyModel.folder("model.safetensors", SafetensorsWriter.file(body)))
        #expect(plain.code == .refused && plain.message.contains("lm_head"))
        let trained = TinyModel.fairseqTensors.filter { !$0.name.contains("encoder.proj") }
        let file = TorchWriter.zip(
            TinyModel.nvidiaRoot(tensors: trained), storages: trained.map { $0.bytes })
        #expect(try error(file).message.contains("w2v_encoder.proj"))
    }

    // MARK: Symbols

    @Test("as many labels as classes are needed")
    func labelCount() throws {
        let error = try error(TinyModel.nvidia(), labels: "| 9\nE 5\nT 4\n")
        #expect(error.code == .refused)
        #expect(error.message.contains("6 classes") && error.message.contains("7"))
    }

    @Test("a vocabulary that is plainly another model's is refused with what to do")
    func otherVocabulary() throws {
        var folder = TinyModel.folder("model.safetensors", Self.safetensors)
        for vocabulary in [
            "{\"<pad>\":0,\"a\":1}",
            "{\"<pad>\":0," + (1..<14).map { "\"\($0)\":\($0)" }.joined(separator: ",") + "}",
        ] {
            folder.files["vocab.json"] = Array(vocabulary.utf8)
            let error = try error("model.safetensors", in: folder)
            #expect(error.code == .refused && error.message.contains("copy vocab.json"), "\(error)")
        }
    }

    @Test("a tokenizer of an unknown class is refused by its name, wherever it is named")
    func otherTokenizer() throws {
        for file in ["tokenizer_config.json", "config.json"] {
            let folder = try folder(file, "{", "{\"tokenizer_class\":\"BertTokenizer\",")
            let error = try error("model.safetensors", in: folder)
            #expect(error.code == .refused && error.message.contains("BertTokenizer"), "\(error)")
        }
    }

    @Test("a fairseq checkpoint that leaves its architecture to another file is refused")
    func noArchitecture() throws {
        let values: [Pickled] = [
            .none, .dictionary([]), .dictionary([("model", .none)]), .string("${model.w2v}"),
            .dictionary([("model", .dictionary([("_name", .string("wav2vec2"))]))]),
        ]
        for value in values {
            let outer: [(String, Pickled)] = [
                ("_name", .string("wav2vec_ctc")), ("w2v_path", .string("/a/pretrained.pt")),
                ("w2v_args", value), ("normalize", .bool(true)),
            ]
            // The outer settings repeat sizes, which are not the model's.
            let outers = [outer, outer + TinyModel.arguments.filter { $0.0 != "normalize" }]
            for outer in outers {
                let root = Pickled.dictionary([
                    ("cfg", .dictionary([("model", .dictionary(outer))])), ("args", .none),
                    ("model", TorchWriter.stateDictionary(TinyModel.fairseqTensors)),
                ])
                let file = TorchWriter.zip(
                    root, storages: TinyModel.fairseqTensors.map { $0.bytes })
                let error = try error(file, labels: TinyModel.labels)
                #expect(error.code == .refused)
                #expect(
                    error.message.contains("w2v_args")
                        && error.message.contains("/a/pretrained.pt"), "\(error)")
            }
        }
    }

    @Test("settings of the architecture may be a flat namespace within newer settings")
    func flatNamespace() throws {
        let inner = Pickled.object(
            module: "argparse", name: "Namespace", state: .dictionary(TinyModel.arguments))
        let outer: [(String, Pickled)] = [
            ("w2v_args", inner), ("encoder_attention_heads", .int(4)),
        ]
        let root = Pickled.dictionary([
            ("cfg", .dictionary([("model", .dictionary(outer))])),
            ("model", TorchWriter.stateDictionary(TinyModel.fairseqTensors)),
        ])
        let file = TorchWriter.zip(root, storages: TinyModel.fairseqTensors.map { $0.bytes })
        let model = try ModelLoader.load(
            FileBytes(file, path: "a.pt"), in: MemoryFolder(files: [:]),
            labels: FileBytes(Array(TinyModel.labels.utf8), path: "labels"))
        #expect(model.configuration.waveform?.attentionHeads == 2)
        #expect(model.configuration.waveform?.inputNormalization != nil)
    }

    @Test("a fine-tuned checkpoint may hold what pre-training left behind")
    func leftBehind() throws {
        let more = [
            PlainTensor("w2v_encoder.w2v_model.quantizer.vars", [2], [1, 2]),
            PlainTensor("w2v_encoder.w2v_model.final_proj.weight", [2], [1, 2]),
        ]
        let tensors = TinyModel.fairseqTensors + more
        let file = TorchWriter.zip(
            TinyModel.nvidiaRoot(tensors: tensors), storages: tensors.map { $0.bytes })
        let model = try ModelLoader.load(
            FileBytes(file, path: "a.pt"), in: MemoryFolder(files: [:]), labels: nil)
        #expect(model.tensors.ignored.count == 3)
    }

    @Test("a pickled dictionary that is no list of texts, or a huge one, is refused")
    func pickledDictionary() throws {
        let long = String(repeating: "a", count: 1 << 20)
        let lists: [([Pickled], CheckpointError.Code)] = [
            ([.string("<s>"), .int(1)], .damaged),
            ((0..<20).map { _ in .string(long) }, .overLimit),
        ]
        for (symbols, code) in lists {
            let root = Pickled.dictionary([
                (
                    "cfg",
                    .dictionary([
                        (
                            "model",
                            .dictionary([
                                (
                                    "w2v_args",
                                    .dictionary([("model", .dictionary(TinyModel.arguments))])
                                )
                            ])
                        )
                    ])
                ), ("model", TorchWriter.stateDictionary(TinyModel.fairseqTensors)),
                (
                    "task_state",
                    .dictionary([
                        (
                            "target_dictionary",
                            .object(
                                module: "fairseq.data.dictionary", name: "Dictionary",
                                state: .dictionary([("symbols", .list(symbols))]))
                        )
                    ])
                ),
            ])
            let file = TorchWriter.zip(
                root, storages: TinyModel.fairseqTensors.map { $0.bytes })
            #expect(try error(file).code == code)
        }
    }

    @Test("a kernel longer than three strides is refused, since nothing computes it")
    func longKernel() throws {
        // A stack with wav2vec 2.0's frames, in which the second layer sees four of its strides.
        let folder = try folder(
            "config.json", "\"conv_kernel\":[10,3,3,3,3,2,2],\"conv_stride\":[5,2,2,2,2,2,2]",
            "\"conv_kernel\":[10,9,2,2,1,3,2],\"conv_stride\":[5,2,2,2,2,2,2]")
        let error = try error("model.safetensors", in: folder)
        #expect(error.code == .refused && error.message.contains("3 strides"), "\(error)")
    }

    @Test(
        "a label file is read strictly",
        arguments: [
            ("| 9\nE\n", "line 2"), ("| 9\n| 5\n", "repeats"), ("<pad> 9\nE 5\n", "repeats"),
            ("| 9\nE x\n", "line 2"), ("\n| 9\nE 5\n", "line 1"), (" 9\nE 5\n", "line 1"),
        ])
    func labelFile(text: String, part: String) throws {
        let error = try error(TinyModel.nvidia(), labels: text)
        #expect(error.code == .damaged && error.message.contains(part), "\(error)")
    }

    @Test("a label may repeat where its line says so, and lines may end in CRLF")
    func labelFlags() throws {
        let vocabulary = try Vocabulary(
            labelFile: "| 9\r\n<unk> 5 #fairseq:overwrite\r\n", path: "labels")
        #expect(vocabulary.symbols == ["<s>", "<pad>", "</s>", "<unk>", "|", "<unk>"])
    }

    @Test("a vocabulary for several languages is refused")
    func nestedVocabulary() throws {
        var folder = TinyModel.folder("model.safetensors", Self.safetensors)
        folder.files["vocab.json"] = Array("{\"eng\":{\"a\":0},\"fra\":{\"b\":0}}".utf8)
        let error = try error("model.safetensors", in: folder)
        #expect(error.code == .refused && error.message.contains("eng"))
    }

    @Test("tokens that were added behind the head's classes do not count")
    func addedTokens() throws {
        var folder = TinyModel.folder("model.safetensors", Self.safetensors)
        folder.files["added_tokens.json"] = Array("{\"<extra>\":6}".utf8)
        let file = try #require(try folder.file("model.safetensors"))
        let model = try ModelLoader.load(file, in: folder, labels: nil)
        #expect(model.vocabulary.symbols.count == 6)
    }
}
