internal import AcousticModels
internal import Checkpoints
internal import EngineClasses
internal import Glibc
internal import SpeechTypes
internal import Tensors
internal import Testing
internal import Wav2Vec2

@Suite("A wav2vec 2.0 model") struct Wav2Vec2ModelTests {
    @Test(
        "400 samples make the first frame and 320 each further one",
        arguments: [(0, 0), (399, 0), (400, 1), (719, 1), (720, 2), (16_000, 49), (160_000, 499)])
    func frames(samples: Int, frames: Int) throws {
        let model = try SmallModels.model("plain")
        #expect(model.clock.frames(ofSamples: samples) == frames)
        let results = try Self.compute([[Float](repeating: 0.01, count: samples)], model)
        #expect(results.map(\.shape) == [[frames, 29]])
    }

    @Test("probabilities of a frame sum to one, in silence too", arguments: SmallModels.names)
    func sums(name: String) throws {
        let model = try SmallModels.model(name)
        var random = SeededNumbers(seed: 5)
        let results = try Self.compute(
            [random.waveform(samples: 9_000), [Float](repeating: 0, count: 5_000)], model)
        for result in results {
            for frame in 0..<result.shape[0] {
                let values = result.values[frame * 29..<(frame + 1) * 29]
                let sum = values.reduce(0.0) { $0 + exp(Double($1)) }
                #expect(abs(sum - 1) < 1e-5)
            }
        }
    }

    @Test("a batch of nothing has no results") func emptyBatch() throws {
        #expect(try Self.compute([], SmallModels.model("plain")).isEmpty)
    }

    @Test("a sample that is not a number is reported with its utterance")
    func notANumber() throws {
        try Self.checkNotANumber(on: EngineClass.ofThisProcess())
    }

    @Test(
        "a sample that is not a number is seen in narrow precisions too",
        arguments: EngineClass.narrowHere)
    func notANumberInNarrowPrecision(named: EngineClass) async {
        await #expect(processExitsWith: .success) { [named] in
            try Wav2Vec2ModelTests.checkNotANumber(on: named.activate())
        }
    }

    static func checkNotANumber(on backend: ComputeBackend) throws {
        for name in SmallModels.names {
            let model = try SmallModels.model(name, on: backend)
            var random = SeededNumbers(seed: 6)
            var samples = random.waveform(samples: 9_000)
            samples[4_321] = .nan
            let windows = [random.waveform(samples: 5_000), samples]
            let error = #expect(throws: EngineError.self, "\(name), \(backend.arithmetic)") {
                try compute(windows, model)
            }
            #expect(error?.utterance == 1, "\(name), \(backend.arithmetic)")
        }
    }

    @Test("a blank's weight is added to its logit or stands in its place")
    func blankWeights() throws {
        let model = try SmallModels.model("plain")
        let workspace = model.makeWorkspace()
        var random = SeededNumbers(seed: 7)
        let window = AudioWindow(samples: random.waveform(samples: 3_000))
        func blank(_ adjustment: BlankAdjustment) throws -> Float {
            try model.logProbabilities(of: [window], blank: adjustment, workspace: workspace)[0]
                .values[2]
        }
        #expect(try blank(.init(.add, 50, blank: 2)) > -1e-6)
        #expect(try blank(.init(.set, -80, blank: 2)) < -70)
        #expect(try blank(.init(.add, 0, blank: 2)) == blank(.none))
    }

    @Test("a missing tensor is named") func missingTensor() throws {
        let name = "encoder.layers.1.attention.k_proj.bias"
        let backend = try EngineClass.ofThisProcess()
        let error = #expect(throws: CheckpointError.self) {
            _ = try Wav2Vec2Model(
                SmallModels.configuration("plain"),
                weights: WeightScope(NamedWeights(missing: name)), backend: backend)
        }
        #expect(error?.tensor == name)
    }

    @Test("an impossible configuration is refused, not computed") func impossible() throws {
        let backend = try EngineClass.ofThisProcess()
        var configuration = SmallModels.configuration("plain")
        configuration.attentionHeads = 5
        let error = #expect(throws: CheckpointError.self) {
            _ = try Wav2Vec2Model(
                configuration, weights: WeightScope(NamedWeights()), backend: backend)
        }
        #expect(error?.code == .refused)
    }

    /// A batch, and a window whose distances reach further than those of recordings that are cut.
    static let lengths = [[90_000, 50_000, 160_000], [700_000]]

    @Test("a batch needs the memory that was foretold", arguments: SmallModels.names, lengths)
    func memory(name: String, samples: [Int]) throws {
        try Self.checkMemory(name, samples, on: EngineClass.ofThisProcess())
    }

    @Test("so it does in every class", arguments: EngineClass.here)
    func memoryOfClass(named: EngineClass) async {
        await #expect(processExitsWith: .success) { [named] in
            for name in SmallModels.names {
                try Wav2Vec2ModelTests.checkMemory(
                    name, Wav2Vec2ModelTests.lengths[0], on: named.activate())
            }
        }
    }

    static func checkMemory(
        _ name: String, _ samples: [Int], on backend: ComputeBackend
    ) throws {
        ComputeThread.prepare()
        let model = try SmallModels.model(name, on: backend)
        let workspace = model.makeWorkspace()
        var random = SeededNumbers(seed: 8)
        let windows = samples.map { AudioWindow(samples: random.waveform(samples: $0)) }
        let frames = samples.map { model.clock.frames(ofSamples: $0) }
        let foretold = model.workspaceBytes(framesOfWindows: frames)
        let foretoldOfMember = model.memberBytes(longest: frames.max() ?? 0)
        _ = try model.logProbabilities(of: windows, blank: .none, workspace: workspace)
        let held = workspace.bytes
        // Two copies of a window's samples are foretold, and few models need them.
        if samples.count > 1 { #expect(foretold <= 2 * held, "\(name), \(backend.arithmetic)") }
        // Each part alone, so that none is covered by what another has too much of.
        let shared = foretold - foretoldOfMember
        #expect(workspace.sharedBytes <= shared, "\(name), \(backend.arithmetic)")
        #expect(
            workspace.memberBytes.allSatisfy { $0 <= foretoldOfMember },
            "\(name), \(backend.arithmetic): \(workspace.memberBytes) of \(foretoldOfMember)")
        _ = try model.logProbabilities(of: windows, blank: .none, workspace: workspace)
        #expect(workspace.bytes == held, "nothing grows when a batch comes again")
    }

    @Test("numbers of distances that are kept of a longer window give the same bits")
    func keptDistances() throws {
        ComputeThread.prepare()
        let model = try SmallModels.model("gated pre-norm")
        var random = SeededNumbers(seed: 9)
        let windows = [760_000, 680_000].map {
            AudioWindow(samples: random.waveform(samples: $0))
        }
        let kept = model.makeWorkspace()
        func results(_ window: AudioWindow, _ workspace: ModelWorkspace) throws -> [Float] {
            try model.logProbabilities(of: [window], blank: .none, workspace: workspace)[0].values
        }
        _ = try results(windows[0], kept)
        let held = kept.sharedBytes
        #expect(try results(windows[1], kept) == results(windows[1], model.makeWorkspace()))
        #expect(kept.sharedBytes == held)
    }

    private static func compute(
        _ windows: [[Float]], _ model: any AcousticModel
    ) throws -> [Tensor] {
        ComputeThread.prepare()
        return try model.logProbabilities(
            of: windows.map { AudioWindow(samples: $0) }, blank: .none,
            workspace: model.makeWorkspace())
    }
}
