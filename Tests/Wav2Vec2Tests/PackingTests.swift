internal import AcousticModels
internal import EngineClasses
internal import Tensors
internal import Testing
internal import Threading

/// What makes records the same bytes whatever the batch: an utterance's bits are its own.
@Suite("Packed batches") struct PackingTests {
    @Test(
        "an utterance's bits do not depend on its batch", arguments: SmallModels.names,
        [UInt64(1), 2, 3])
    func batchDoesNotMatter(name: String, seed: UInt64) throws {
        try PackingChecks(name, seed: seed, on: EngineClass.ofThisProcess()).checkBatches()
    }

    @Test("they do not depend on who computes a part of it", arguments: SmallModels.names)
    func teamDoesNotMatter(name: String) throws {
        try PackingChecks(name, seed: 17, on: EngineClass.ofThisProcess()).checkTeams()
    }

    @Test("two threads compute the bits that one computes", arguments: SmallModels.names)
    func threadsDoNotMatter(name: String) async throws {
        try await PackingChecks(name, seed: 19, on: EngineClass.ofThisProcess()).checkThreads()
    }

    @Test("every class keeps to this", arguments: EngineClass.here)
    func everyClass(named: EngineClass) async {
        await #expect(processExitsWith: .success) { [named] in
            let backend = try named.activate()
            for name in SmallModels.names {
                let checks = try PackingChecks(name, seed: 4, on: backend)
                try checks.checkBatches()
                try checks.checkTeams()
                try await checks.checkThreads()
            }
        }
    }
}

/// What is checked of one model in one class.
struct PackingChecks {
    private let name: String
    private let seed: UInt64
    private let backend: ComputeBackend
    private let model: any AcousticModel
    private let windows: [AudioWindow]
    /// Results of each window alone, in fresh memory.
    private let alone: [[Float]]

    init(_ name: String, seed: UInt64, on backend: ComputeBackend) throws {
        ComputeThread.prepare()
        self.name = name
        self.seed = seed
        self.backend = backend
        let model = try SmallModels.model(name, on: backend)
        self.model = model
        var random = SeededNumbers(seed: seed)
        // From too short for one frame to more than two parts of an utterance that is shared.
        let windows = [399, 400, 1_100, 5_000, 16_017, 30_000, 64_321, 170_000].map { samples in
            let length = samples + Int.random(in: 0..<320, using: &random)
            let padded = Bool.random(using: &random) ? length / 320 + 3 : nil
            return AudioWindow(
                samples: random.waveform(samples: samples < 400 ? 399 : length),
                paddedFrames: padded)
        }
        self.windows = windows
        alone = try windows.map { window in
            try model.logProbabilities(
                of: [window], blank: .none, workspace: model.makeWorkspace())[0].values
        }
    }

    private var place: String { "seed \(seed), \(name), \(backend.arithmetic)" }

    /// Against random batches in memory that others used before.
    func checkBatches() throws {
        ComputeThread.prepare()
        var random = SeededNumbers(seed: seed + 1)
        let workspace = model.makeWorkspace()
        for _ in 0..<4 {
            let order = (0..<Int.random(in: 2...12, using: &random)).map { _ in
                Int.random(in: 0..<windows.count, using: &random)
            }
            let results = try model.logProbabilities(
                of: order.map { windows[$0] }, blank: .none, workspace: workspace)
            for (position, index) in order.enumerated() {
                // A plain flag: the arrays are too large for a failure's message.
                let isSame = results[position].values == alone[index]
                #expect(isSame, "\(place): window \(index) at \(position) of \(order)")
            }
        }
    }

    /// Against a computation that helpers take parts of: layers' tiles, heads, stretches of time.
    func checkTeams() throws {
        ComputeThread.prepare()
        for threads in [1, 2, 3] {
            let team = try ComputeTeam(threads: threads, prepare: ComputeThread.prepare)
            let workspace = model.makeWorkspace(team: team)
            for order in [[windows.count - 1], Array(windows.indices)] {
                let results = try team.computing {
                    try model.logProbabilities(
                        of: order.map { windows[$0] }, blank: .none, workspace: workspace)
                }
                for (position, index) in order.enumerated() {
                    let isSame = results[position].values == alone[index]
                    #expect(isSame, "\(place): window \(index), \(threads) threads")
                }
            }
        }
    }

    /// Against two computations at once, with a third thread that helps either.
    func checkThreads() async throws {
        let team = try ComputeTeam(threads: 3, prepare: ComputeThread.prepare)
        try await withThrowingTaskGroup(of: [[Float]].self) { group in
            for shift in 0..<2 {
                group.addTask {
                    ComputeThread.prepare()
                    let workspace = model.makeWorkspace(team: team)
                    let order = windows.indices.map { ($0 + shift) % windows.count }
                    let results = try team.computing {
                        try model.logProbabilities(
                            of: order.map { windows[$0] }, blank: .none, workspace: workspace)
                    }
                    return windows.indices.map { index in
                        results[(index + windows.count - shift) % windows.count].values
                    }
                }
            }
            for try await results in group {
                let isSame = results == alone
                #expect(isSame, "\(place)")
            }
        }
    }
}
