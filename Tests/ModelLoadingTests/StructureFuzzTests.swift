internal import Checkpoints
internal import Glibc
internal import ModelFamilies
internal import ModelLoading
internal import Testing
internal import Wav2Vec2

/// Well-formed checkpoints that say absurd things: shapes, strides, counts, settings.
///
/// Damaged bytes seldom get past a reader's first checks; these do. A trap would end the test process,
/// so that passing means: only answers and errors.
@Suite("Absurd models") struct StructureFuzzTests {
    /// Numbers as a hostile file, a bug or a unit gone wrong writes them.
    private struct Numbers {
        var generator: SeededGenerator

        static let edges = [
            0, 1, 2, 3, 4, 5, 7, 10, 16, 48, 255, 256, 399, 400, 401, 1_024, 1_025, 1 << 16,
            1 << 20,
            1 << 31, 1 << 32, 1 << 53, 1 << 60, 1 << 61, 1 << 62, Int.max, -1, Int.min,
        ]

        mutating func chance(_ one: Int) -> Bool { Int.random(in: 0..<one, using: &generator) == 0 }

        mutating func edge() -> Int {
            chance(2)
                ? Int.random(in: 0...12, using: &generator)
                : Self.edges.randomElement(using: &generator) ?? 0
        }

        mutating func list(_ counts: ClosedRange<Int>) -> [Int] {
            (0..<Int.random(in: counts, using: &generator)).map { _ in edge() }
        }
    }

    private static let runs = setting("SCRIPTORIUM_FUZZ_RUNS").map { $0 / 8 } ?? 1_500
    private static let seed = UInt64(setting("SCRIPTORIUM_FUZZ_SEED") ?? 1)

    private static func setting(_ name: String) -> Int? {
        getenv(name).flatMap { Int(String(cString: $0)) }
    }

    /// Loads a model as a worker would; whether it is one.
    private func loads(_ name: String, in folder: MemoryFolder, _ context: String) -> Bool {
        do throws(CheckpointError) {
            guard let file = try folder.file(name) else { return false }
            let model = try ModelLoader.load(file, in: folder, labels: nil)
            for (name, shape) in model.configuration.expectedTensors {
                _ = try model.weights.floats(name, shape: shape)
            }
            _ = try ModelSummary(model, cache: nil).text(listsTensors: true)
            return true
        } catch {
            #expect(!error.message.isEmpty, "\(context)")
            return false
        }
    }

    // MARK: Shapes, strides and counts

    @Test("tensors described with any shape, stride, offset and count", arguments: 0..<4)
    func tensors(part: Int) {
        let fused = ["in_proj_weight", "in_proj_bias", "qkv.weight"]
        for run in stride(from: part, to: Self.runs, by: 4) {
            let runSeed = Self.seed &* 1_000_003 &+ UInt64(run)
            var numbers = Numbers(generator: SeededGenerator(seed: runSeed))
            var members: [(String, Pickled)] = []
            let target = Int.random(
                in: 0..<TinyModel.fairseqTensors.count, using: &numbers.generator)
            for (index, tensor) in TinyModel.fairseqTensors.enumerated() {
                var described = PickledTensor(
                    key: "\(index)", storageCount: tensor.elementCount, shape: tensor.shape,
                    strides: tensor.strides)
                var name = tensor.name
                if index == target || numbers.chance(12) {
                    if numbers.chance(2) { described.shape = numbers.list(0...9) }
                    if numbers.chance(2) {
                        described.strides =
                            numbers.chance(4)
                            ? numbers.list(0...9) : described.shape.map { _ in numbers.edge() }
                    }
                    if numbers.chance(3) { described.offset = numbers.edge() }
                    if numbers.chance(3) { described.storageCount = numbers.edge() }
                    if numbers.chance(4), let last = name.lastIndex(of: "_"),
                        name.contains("self_attn.q_proj")
                    {
                        name = String(name[..<last].dropLast()) + (fused.randomElement() ?? "")
                    }
                    described.hasViewField = numbers.chance(4)
                }
                members.append((name, .tensor(described)))
            }
            let root = Pickled.dictionary([
                ("args", .dictionary([("mode", .string("finetune"))] + TinyModel.arguments)),
                ("model", .ordered(members)), ("output_labels", .string(TinyModel.labels)),
            ])
            let storages = TinyModel.fairseqTensors.map { $0.bytes }
            let bytes =
                numbers.chance(2)
                ? TorchWriter.zip(root, storages: storages)
                : TorchWriter.legacy(
                    root, storages: TinyModel.fairseqTensors.map { ($0.elementCount, $0.bytes) })
            _ = loads("a.pt", in: MemoryFolder(files: ["a.pt": bytes]), "seed \(runSeed)")
        }
    }

    @Test("safetensors headers with any shape and offset", arguments: 0..<2)
    func safetensors(part: Int) {
        for run in stride(from: part, to: Self.runs, by: 2) {
            let runSeed = Self.seed &* 1_000_003 &+ UInt64(run)
            var numbers = Numbers(generator: SeededGenerator(seed: runSeed))
            let target = Int.random(in: 0..<TinyModel.tensors.count, using: &numbers.generator)
            var entries: [String] = []
            var data: [UInt8] = []
            for (index, tensor) in TinyModel.tensors.enumerated() {
                var shape = tensor.shape
                var ends = [data.count, data.count + tensor.bytes.count]
                var type = tensor.type
                if index == target {
                    if numbers.chance(2) { shape = numbers.list(0...9) }
                    if numbers.chance(3) { ends = numbers.list(0...3) }
                    if numbers.chance(4) {
                        type = ["F64", "BOOL", "I64", "F16", "F8_E5M2"].randomElement() ?? type
                    }
                }
                entries.append(
                    "\"\(tensor.name)\":{\"dtype\":\"\(type)\",\"shape\":\(shape),"
                        + "\"data_offsets\":\(ends)}")
                data += tensor.bytes
            }
            let file = SafetensorsWriter.file(
                header: "{\(entries.joined(separator: ","))}", data)
            _ = loads(
                "model.safetensors", in: TinyModel.folder("model.safetensors", file),
                "seed \(runSeed)")
        }
    }

    // MARK: Settings

    private static let weights = SafetensorsWriter.file(TinyModel.tensors)

    /// Fields of config.json that are numbers, and those that are lists of them.
    private static let numberFields = [
        "hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads",
        "vocab_size", "num_conv_pos_embeddings", "num_conv_pos_embedding_groups", "pad_token_id",
        "layer_norm_eps",
    ]
    private static let listFields = ["conv_dim", "conv_kernel", "conv_stride"]

    @Test("a config.json with any numbers", arguments: 0..<2)
    func configurations(part: Int) {
        for run in stride(from: part, to: Self.runs * 2, by: 2) {
            let runSeed = Self.seed &* 1_000_003 &+ UInt64(run)
            var numbers = Numbers(generator: SeededGenerator(seed: runSeed))
            func value() -> String {
                let words = ["null", "\"x\"", "true", "[]", "{}", "1e400", "-0.0", "1e-60", "1.5"]
                return numbers.chance(4)
                    ? words.randomElement(using: &numbers.generator) ?? "null"
                    : "\(numbers.edge())"
            }
            var fields = String(TinyModel.config.dropLast()).replacing(
                "\"pad_token_id\":0,", with: "")
            fields = fields.replacing("\"model_type\":\"wav2vec2\",", with: "")
            for _ in 0..<Int.random(in: 1...3, using: &numbers.generator) {
                let isList = numbers.chance(3)
                let name =
                    (isList ? Self.listFields : Self.numberFields)
                    .randomElement(using: &numbers.generator) ?? ""
                let new = isList ? "\(numbers.list(0...40))" : value()
                fields = Self.setting(name, to: new, in: fields)
            }
            if numbers.chance(6) {
                let numbers = "[\(value()),[\(value()),\(value())],\(value())]"
                fields = Self.setting("hourglass_transformer", to: numbers, in: fields)
            }
            var folder = TinyModel.folder("model.safetensors", Self.weights)
            folder.files["config.json"] = Array("\(fields)}".utf8)
            _ = loads("model.safetensors", in: folder, "seed \(runSeed): \(fields)")
        }
    }

    /// The object without its closing brace, with the field `name` of `value`.
    private static func setting(_ name: String, to value: String, in fields: String) -> String {
        guard let key = fields.firstRange(of: "\"\(name)\":") else {
            return "\(fields),\"\(name)\":\(value)"
        }
        let rest = fields[key.upperBound...]
        let isList = rest.first == "["
        let end =
            isList
            ? rest.firstIndex(of: "]").map { rest.index(after: $0) } ?? rest.endIndex
            : rest.firstIndex(of: ",") ?? rest.endIndex
        return fields[..<key.upperBound] + value + rest[end...]
    }

    @Test("training arguments with any numbers and lists", arguments: 0..<2)
    func arguments(part: Int) {
        let lists = [
            "[(2,10,5)] + [(2,3,2)] * 4 + [(2,2,2)] * 2", "[(2,10,5)] * 99", "[]",
            "99999 * [(1,1,1)]", "[(2,400,320)]", "[(2,10,5)] + [(2,9,2)]", "[(0,0,0)]",
            "[(2,999999999,999999999)] * 30", "[[2,10,5]]", "[(2,-10,5)]",
        ]
        let storages = TinyModel.fairseqTensors.map { $0.bytes }
        for run in stride(from: part, to: Self.runs, by: 2) {
            let runSeed = Self.seed &* 1_000_003 &+ UInt64(run)
            var numbers = Numbers(generator: SeededGenerator(seed: runSeed))
            var changes: [(String, Pickled)] = []
            for (name, value) in TinyModel.arguments where numbers.chance(4) {
                switch value {
                case .int: changes.append((name, .int(numbers.edge())))
                case .string where name == "conv_feature_layers":
                    let list = lists.randomElement(using: &numbers.generator) ?? ""
                    changes.append((name, .string(list)))
                case .none:
                    let text = "[\(numbers.edge()),(\(numbers.edge()),\(numbers.edge())),1]"
                    changes.append((name, .string(text)))
                default: changes.append((name, .double(.infinity)))
                }
            }
            if numbers.chance(4) { changes.append(("blank_weight", .double(.nan))) }
            let bytes = TorchWriter.zip(TinyModel.nvidiaRoot(changes), storages: storages)
            _ = loads("a.pt", in: MemoryFolder(files: ["a.pt": bytes]), "seed \(runSeed)")
        }
    }

    @Test("tokenizer files with any tokens and classes", arguments: 0..<2)
    func tokenizers(part: Int) {
        for run in stride(from: part, to: Self.runs, by: 2) {
            let runSeed = Self.seed &* 1_000_003 &+ UInt64(run)
            var numbers = Numbers(generator: SeededGenerator(seed: runSeed))
            let words = [
                "<pad>", "<s>", "</s>", "<unk>", "|", "E", "", " ", "\u{301}", "e\u{301}", "\u{E9}",
                "tʃ", "[PAD]",
            ]
            func word() -> String { words.randomElement(using: &numbers.generator) ?? "" }
            func table(_ count: Int) -> String {
                var seen: Set<String> = []
                let members = (0..<count).compactMap { index -> String? in
                    let word = word()
                    guard seen.insert(word).inserted else { return nil }
                    return "\"\(word)\":\(numbers.chance(4) ? numbers.edge() : index)"
                }
                return "{\(members.joined(separator: ","))}"
            }
            var folder = TinyModel.folder("model.safetensors", Self.weights)
            if !numbers.chance(4) { folder.files["vocab.json"] = Array(table(9).utf8) }
            if numbers.chance(3) { folder.files["added_tokens.json"] = Array(table(3).utf8) }
            let fields = [
                "\"tokenizer_class\":\"Wav2Vec2\(numbers.chance(2) ? "Phoneme" : "")CTCTokenizer\"",
                "\"pad_token\":\(numbers.chance(6) ? "null" : "\"\(word())\"")",
                "\"unk_token\":{\"content\":\"\(word())\"}",
                "\"word_delimiter_token\":\(numbers.chance(3) ? "null" : "\"\(word())\"")",
                "\"replace_word_delimiter_char\":\"\(word())\"",
                "\"do_lower_case\":\(numbers.chance(2))",
                "\"additional_special_tokens\":[\"\(word())\",{\"content\":\"\(word())\"},7]",
                "\"added_tokens_decoder\":{\"\(numbers.edge())\":{\"content\":\"\(word())\"}}",
            ].filter { _ in numbers.chance(2) }
            folder.files["tokenizer_config.json"] = Array(
                "{\(fields.joined(separator: ","))}".utf8)
            _ = loads("model.safetensors", in: folder, "seed \(runSeed)")
        }
    }
}
