internal import Checkpoints
internal import ModelFamilies
internal import ModelLoading
internal import Testing
internal import Wav2Vec2

/// Files that break their own rules: each gives an error that names the place.
@Suite("Damaged containers") struct DamageTests {
    private func error(
        _ weights: [UInt8], name: String = "model.safetensors"
    ) throws -> CheckpointError {
        let folder = TinyModel.folder(name, weights)
        return try #require(throws: CheckpointError.self) {
            let file = try #require(try folder.file(name))
            let model = try ModelLoader.load(file, in: folder, labels: nil)
            _ = try model.digest(cache: nil)
        }
    }

    /// The error of an NVIDIA checkpoint whose model has `tensors`.
    private func trainingError(
        _ tensors: [PlainTensor], _ root: Pickled? = nil
    ) throws -> CheckpointError {
        let bytes = TorchWriter.zip(
            root ?? TinyModel.nvidiaRoot(tensors: tensors), storages: tensors.map { $0.bytes })
        return try #require(throws: CheckpointError.self) {
            let model = try ModelLoader.load(
                FileBytes(bytes, path: "a.pt"), in: MemoryFolder(files: [:]), labels: nil)
            _ = try model.digest(cache: nil)
        }
    }

    // MARK: Tensors

    private func changed(
        _ name: String, _ change: (inout PlainTensor) -> Void
    ) throws -> [PlainTensor] {
        var tensors = TinyModel.tensors
        let index = try #require(tensors.firstIndex { $0.name == name })
        change(&tensors[index])
        return tensors
    }

    @Test("a missing tensor is named with the shape it should have")
    func missing() throws {
        let tensors = TinyModel.tensors.filter {
            $0.name != "wav2vec2.encoder.layers.0.attention.k_proj.bias"
        }
        let error = try error(SafetensorsWriter.file(tensors))
        #expect(error.code == .missingTensor)
        #expect(error.tensor == "encoder.layers.0.attention.k_proj.bias")
        #expect(error.message.contains("[4]"))
    }

    @Test("a tensor of another shape is named with both shapes")
    func wrongShape() throws {
        let tensors = try changed("lm_head.weight") { $0.shape = [4, 6] }
        let error = try error(SafetensorsWriter.file(tensors))
        #expect(error.code == .wrongShape && error.tensor == "lm_head.weight")
        #expect(error.message.contains("[4, 6]") && error.message.contains("[6, 4]"))
    }

    @Test("a tensor that has no place is named")
    func surplus() throws {
        let extra = PlainTensor("wav2vec2.adapter.layers.0.weight", [2], [1, 2])
        let error = try error(SafetensorsWriter.file(TinyModel.tensors + [extra]))
        #expect(error.code == .surplusTensor && error.tensor == extra.name)
    }

    @Test("two names for one tensor are refused")
    func twoNames() throws {
        let extra = PlainTensor(
            "wav2vec2.encoder.pos_conv_embed.conv.parametrizations.weight.original0", [1, 1, 2],
            [1, 2])
        let error = try error(SafetensorsWriter.file(TinyModel.tensors + [extra]))
        #expect(error.code == .damaged && error.message.contains("weight_g"))
    }

    @Test(
        "NaN and infinite weights are refused in any precision", arguments: [Float.nan, .infinity])
    func notFinite(value: Float) throws {
        let tensors = try changed("lm_head.bias") {
            $0 = PlainTensor($0.name, $0.shape, [0, 1, 2, value, 4, 5])
        }
        for file in [tensors, tensors.map { $0.asFloat16 }].map(SafetensorsWriter.file) {
            let error = try error(file)
            #expect(error.code == .notFinite && error.tensor == "lm_head.bias")
        }
    }

    @Test("weights of whole numbers are refused")
    func integers() throws {
        let tensors = try changed("lm_head.bias") { $0.type = "I32" }
        let error = try error(SafetensorsWriter.file(tensors))
        #expect(error.code == .wrongShape && error.message.contains("I32"))
    }

    /// A checkpoint whose layer has one matrix for queries, keys and values, described as `fused`.
    private func fusedError(_ fused: PickledTensor) throws -> CheckpointError {
        var members: [(String, Pickled)] = []
        var storages: [[UInt8]] = []
        for tensor in TinyModel.fairseqTensors {
            let isFused = tensor.name.hasSuffix("self_attn.q_proj.weight")
            if tensor.name.contains("self_attn.k_proj.weight")
                || tensor.name.contains("self_attn.v_proj.weight")
            {
                continue
            }
            var described = PickledTensor(
                key: "\(storages.count)", storageCount: tensor.elementCount, shape: tensor.shape,
                strides: tensor.strides)
            if isFused {
                described = fused
                described.key = "\(storages.count)"
            }
            members.append(
                (
                    isFused
                        ? tensor.name.replacing("q_proj.weight", with: "in_proj_weight")
                        : tensor.name, .tensor(described)
                ))
            storages.append(isFused ? [UInt8](repeating: 0, count: 192) : tensor.bytes)
        }
        let root = Pickled.dictionary([
            ("args", .dictionary([("mode", .string("finetune"))] + TinyModel.arguments)),
            ("model", .ordered(members)), ("output_labels", .string(TinyModel.labels)),
        ])
        let bytes = TorchWriter.zip(root, storages: storages)
        return try #require(throws: CheckpointError.self) {
            let model = try ModelLoader.load(
                FileBytes(bytes, path: "a.pt"), in: MemoryFolder(files: [:]), labels: nil)
            for (name, shape) in model.configuration.expectedTensors {
                _ = try model.weights.floats(name, shape: shape)
            }
        }
    }

    private static let huge = 1 << 62
    private static let oddViews: [([Int], [Int])] = [
        ([3, 0], [huge, 1]), ([3, 0], [huge, huge]), ([0, 4], [huge, 1]), ([12, 4], [huge, 1]),
        ([12, 4], [4, huge / 2]), ([12, huge / 2], [4, 1]), ([huge, 4, 0], [1, 1, 1]),
        ([3, 1 << 40, 1 << 40, 0], [1, 1, 1, 1]), ([3], [16]), ([], []),
    ]

    @Test(
        "views that lead out of their storage, or nowhere, are refused, however large the numbers",
        arguments: Self.oddViews)
    func views(shape: [Int], strides: [Int]) throws {
        for (offset, count) in [(0, 48), (Self.huge, 48), (48, 48), (0, 0), (0, Self.huge)] {
            let error = try fusedError(
                PickledTensor(
                    key: "", storageCount: count, offset: offset, shape: shape, strides: strides))
            #expect(
                [.damaged, .wrongShape, .missingTensor, .surplusTensor].contains(error.code),
                "\(error)")
        }
    }

    // MARK: safetensors

    private static let two = (
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
            + "\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,16]}}",
        [UInt8](repeating: 0, count: 16)
    )

    @Test(
        "a safetensors header that contradicts itself or the file is refused",
        arguments: [
            ("[8,16]", "[4,12]", "overlaps"), ("[8,16]", "[12,20]", "cut short"),
            ("[0,8]", "[0,4]", "disagree"), ("[8,16]", "[16,8]", "cut short"),
            ("\"b\"", "\"a\"", "twice"), ("\"shape\":[2]", "\"shape\":[-2]", "needs dtype"),
            ("F32", "F8_E4M3", "F8_E4M3"), ("[2]", "[4294967296,4294967296]", "disagree"),
            ("}}", "}", "JSON"), ("[0,8]", "[0,8,9]", "two data_offsets"),
        ])
    func safetensorsHeader(old: String, new: String, part: String) throws {
        let header = Self.two.0.replacing(old, with: new)
        let error = try error(SafetensorsWriter.file(header: header, Self.two.1))
        #expect(error.message.contains(part), "\(error)")
    }

    @Test("holes and bytes behind the last tensor are refused")
    func safetensorsHoles() throws {
        let hole = Self.two.0.replacing("[0,8]", with: "[0,4]").replacing("[2]", with: "[1]")
            .replacing("[8,16]", with: "[8,12]")
        let first = try error(SafetensorsWriter.file(header: hole, Self.two.1))
        #expect(first.message.contains("unused"))
        let behind = try error(SafetensorsWriter.file(header: Self.two.0, Self.two.1 + [0]))
        #expect(behind.message.contains("after the last tensor"))
    }

    @Test("a file cut short anywhere is refused", arguments: [0, 4, 8, 100, 3_000, -1])
    func truncated(count: Int) throws {
        let whole = [
            SafetensorsWriter.file(TinyModel.tensors), TinyModel.torchZip(),
            TinyModel.torchZip(isZip64: true), TinyModel.torchLegacy(),
        ]
        for file in whole {
            let error = try error(count < 0 ? file.dropLast() : Array(file.prefix(count)))
            #expect([.damaged, .unknownFormat].contains(error.code), "\(error)")
        }
    }

    // MARK: zip

    private func zipError(_ change: (inout [ZipWriter.Member]) -> Void) throws -> CheckpointError {
        var members = [
            ZipWriter.Member(
                name: "tiny/data.pkl",
                bytes: PickleWriter.pickle(TorchWriter.stateDictionary(TinyModel.tensors)))
        ]
        members += TinyModel.tensors.enumerated().map {
            ZipWriter.Member(name: "tiny/data/\($0.offset)", bytes: $0.element.bytes)
        }
        change(&members)
        return try error(ZipWriter.archive(members))
    }

    @Test("compressed members are refused")
    func compressed() throws {
        let error = try zipError { $0[3].method = 8 }
        #expect(error.code == .refused && error.message.contains("compressed"))
    }

    @Test("encrypted members are refused")
    func encrypted() throws {
        let error = try zipError { $0[3].flags |= 1 }
        #expect(error.code == .refused && error.message.contains("encrypted"))
    }

    @Test("a member that stands twice is refused")
    func duplicateMember() throws {
        let error = try zipError { $0.append($0[2]) }
        #expect(error.code == .damaged && error.message.contains("twice"))
    }

    @Test("a missing storage is named")
    func missingStorage() throws {
        let error = try zipError { $0.remove(at: 3) }
        #expect(error.code == .damaged && error.message.contains("storage 2"))
    }

    @Test("a storage that is too short is named")
    func shortStorage() throws {
        let error = try zipError { $0[3].bytes.removeLast() }
        #expect(error.code == .damaged && error.message.contains("storage 2"))
    }

    @Test("big-endian weights are refused in both of PyTorch's containers")
    func bigEndian() throws {
        let root = TorchWriter.stateDictionary(TinyModel.tensors)
        let zip = TorchWriter.zip(
            root, storages: TinyModel.tensors.map { $0.bytes }, byteOrder: "big")
        #expect(try error(zip).message.contains("big-endian"))
        let legacy = TorchWriter.legacy(
            root, storages: TinyModel.tensors.map { ($0.elementCount, $0.bytes) },
            isLittleEndian: false)
        #expect(try error(legacy).message.contains("big-endian"))
    }

    @Test("an archive of more than 4 GiB's records, with its sizes in zip64 fields, loads")
    func zip64() throws {
        let folder = TinyModel.folder("pytorch_model.bin", TinyModel.torchZip(isZip64: true))
        let file = try #require(try folder.file("pytorch_model.bin"))
        let model = try ModelLoader.load(file, in: folder, labels: nil)
        let plain = TinyModel.folder("pytorch_model.bin", TinyModel.torchZip())
        let other = try #require(try plain.file("pytorch_model.bin"))
        #expect(
            try model.digest(cache: nil)
                == ModelLoader.load(other, in: plain, labels: nil).digest(cache: nil))
    }

    // MARK: Views

    private func viewError(_ change: (inout PickledTensor) -> Void) throws -> CheckpointError {
        var view = PickledTensor(key: "0", storageCount: 4, shape: [2, 2], strides: [2, 1])
        change(&view)
        let bytes = TorchWriter.zip(
            .ordered([("lm_head.weight", .tensor(view))]),
            storages: [[UInt8](repeating: 0, count: 16)])
        return try error(bytes)
    }

    @Test("a view that leaves its storage or repeats elements is refused")
    func views() throws {
        let changes: [(inout PickledTensor) -> Void] = [
            { $0.offset = 1 }, { $0.strides = [3, 1] }, { $0.shape = [4, 2] },
            { $0.strides = [1] }, { $0.storageCount = 5 }, { $0.offset = -1 },
            {
                $0.strides = [0, 0]; $0.shape = [1 << 20, 1 << 20]
            },
            { $0.shape = [1 << 62, 4] }, { $0.strides = [1 << 62, 1] },
            {
                $0.shape = [Int](repeating: 1, count: 9); $0.strides = $0.shape
            },
            { $0.storageClass = "ComplexFloatStorage" }, { $0.key = "7" },
        ]
        for (index, change) in changes.enumerated() {
            let error = try viewError(change)
            #expect(
                error.code == .damaged && error.tensor == "lm_head.weight", "\(index): \(error)")
        }
    }

    @Test("a view with gaps is read in row-major order")
    func transposed() throws {
        let values: [Float] = [1, 2, 3, 4, 5, 6]
        let view = PickledTensor(key: "0", storageCount: 6, shape: [3, 2], strides: [1, 3])
        let bytes = TorchWriter.zip(
            .ordered([("lm_head.weight", .tensor(view))]),
            storages: [values.flatMap { $0.bitPattern.littleEndianBytes }])
        let tensors = try CheckpointTensors(
            StateDictionary(FileBytes(bytes, path: "a.bin")).tensors, rules: .huggingFace,
            path: "a.bin")
        #expect(try tensors.floats("lm_head.weight", shape: [3, 2]) == [1, 4, 2, 5, 3, 6])
    }

    // MARK: Fused projections and parallel training

    @Test("one matrix for query, key and value is cut into thirds")
    func fused() throws {
        var tensors = TinyModel.fairseqTensors
        let layer = "w2v_encoder.w2v_model.encoder.layers.0.self_attn"
        for part in ["weight", "bias"] {
            let names = ["q", "k", "v"].map { "\(layer).\($0)_proj.\(part)" }
            let thirds = names.compactMap { name in tensors.first { $0.name == name } }
            #expect(thirds.count == 3)
            tensors.removeAll { names.contains($0.name) }
            var whole = try #require(thirds.first)
            whole.name = "\(layer).qkv.\(part)"
            whole.shape[0] *= 3
            whole.bytes = thirds.flatMap { $0.bytes }
            tensors.append(whole)
        }
        for index in tensors.indices { tensors[index].name = "module." + tensors[index].name }
        let bytes = TorchWriter.zip(
            TinyModel.nvidiaRoot(tensors: tensors), storages: tensors.map { $0.bytes })
        func digest(_ bytes: [UInt8]) throws -> String {
            try
                "\(ModelLoader.load(FileBytes(bytes, path: "a.pt"), in: MemoryFolder(files: [:]), labels: nil).digest(cache: nil))"
        }
        #expect(try digest(bytes) == digest(TinyModel.nvidia()))
        tensors[tensors.count - 1].shape = [4, 3]
        #expect(try trainingError(tensors).message.contains("3 parts"))
    }
}
