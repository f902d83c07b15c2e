internal import Checkpoints
internal import Glibc
internal import ModelFamilies
internal import ModelLoading
internal import Testing
internal import Wav2Vec2

/// Damaged copies of small valid models, all the way through loading.
///
/// A trap would end the test process, so that passing means: only answers and errors.
@Suite("Damaged models") struct FuzzTests {
    private struct Layout: Sendable {
        let folder: MemoryFolder
        /// What is opened.
        let name: String
        let labels: [UInt8]?
    }

    private static let layouts: [Layout] = {
        let safetensors = SafetensorsWriter.file(TinyModel.tensors)
        let halves = SafetensorsWriter.file(TinyModel.tensors.map { $0.asFloat16 })
        let labels = Array(TinyModel.labels.utf8)
        let index =
            "{\"weight_map\":{"
            + TinyModel.tensors.map { "\"\($0.name)\":\"model.safetensors\"" }
            .joined(separator: ",") + "}}"
        var sharded = TinyModel.folder("model.safetensors", safetensors)
        sharded.files["model.safetensors.index.json"] = Array(index.utf8)
        func alone(_ bytes: [UInt8], labels: [UInt8]?) -> Layout {
            Layout(folder: MemoryFolder(files: ["a.pt": bytes]), name: "a.pt", labels: labels)
        }
        func huggingFace(_ bytes: [UInt8]) -> Layout {
            Layout(
                folder: TinyModel.folder("pytorch_model.bin", bytes), name: "pytorch_model.bin",
                labels: nil)
        }
        return [
            Layout(
                folder: TinyModel.folder("model.safetensors", safetensors),
                name: "model.safetensors", labels: nil),
            Layout(
                folder: TinyModel.folder("model.safetensors", halves), name: "model.safetensors",
                labels: labels),
            Layout(folder: sharded, name: "model.safetensors.index.json", labels: nil),
            huggingFace(TinyModel.torchZip()), huggingFace(TinyModel.torchZip(isZip64: true)),
            huggingFace(TinyModel.torchLegacy()), alone(TinyModel.nvidia(), labels: nil),
            alone(TinyModel.nvidia(), labels: labels),
            alone(TinyModel.fairseqNamespace(), labels: labels),
            alone(TinyModel.fairseqOmegaConf(), labels: labels),
        ]
    }()

    /// Loads a model as a worker would: everything that is read is asked for.
    private static func load(
        _ name: String, in folder: MemoryFolder, labels: [UInt8]?
    ) throws(CheckpointError) {
        guard let file = try folder.file(name) else { return }
        let model = try ModelLoader.load(
            file, in: folder, labels: labels.map { FileBytes($0, path: "labels") })
        for (name, shape) in model.configuration.expectedTensors {
            _ = try model.weights.floats(name, shape: shape)
        }
        _ = try model.digest(cache: nil)
    }

    @Test("the layouts that are damaged below load when they are whole", arguments: layouts.indices)
    func wholeLayoutsLoad(index: Int) throws {
        let layout = Self.layouts[index]
        #expect(try layout.folder.file(layout.name) != nil, "there is something to load")
        try Self.load(layout.name, in: layout.folder, labels: layout.labels)
    }

    @Test("a damaged model gives an answer or an error, never a trap", arguments: 0..<8)
    func damagedModels(part: Int) throws {
        let runs = Self.setting("SCRIPTORIUM_FUZZ_RUNS") ?? 20_000
        let seed = UInt64(Self.setting("SCRIPTORIUM_FUZZ_SEED") ?? 1)
        var refused = 0
        for run in stride(from: part, to: runs, by: 8) {
            let runSeed = seed &* 1_000_003 &+ UInt64(run)
            var mutator = Mutator(generator: SeededGenerator(seed: runSeed))
            let layout = Self.layouts[run / 8 % Self.layouts.count]
            var folder = layout.folder
            var labels = layout.labels
            // Mostly the weights; else one of the small files beside them.
            var target = layout.name
            if Int.random(in: 0..<3, using: &mutator.generator) == 0 {
                target =
                    folder.files.keys.sorted().randomElement(using: &mutator.generator) ?? target
            }
            if var damaged = labels, Int.random(in: 0..<8, using: &mutator.generator) == 0 {
                mutator.mutate(&damaged)
                labels = damaged
            } else {
                mutator.mutate(&folder.files[target, default: []])
            }
            do throws(CheckpointError) {
                try Self.load(layout.name, in: folder, labels: labels)
            } catch {
                refused += 1
                #expect(!error.message.isEmpty, "seed \(seed), run \(run)")
            }
        }
        #expect(refused > runs / 8 / 3, "most damage is noticed; seed \(seed)")
    }

    private static func setting(_ name: String) -> Int? {
        getenv(name).flatMap { Int(String(cString: $0)) }
    }
}
