internal import Tensors
internal import Testing
internal import Wav2Vec2

/// What makes records the same bytes whatever the batch: an utterance's bits are its own.
@Suite("Packed batches") struct PackingTests {
    /// Alone, each in fresh memory, against random batches in memory that others used before.
    @Test(
        "an utterance's bits do not depend on its batch", arguments: SmallModels.names,
        [UInt64(1), 2, 3])
    func batchDoesNotMatter(name: String, seed: UInt64) throws {
        ComputeThread.prepare()
        let model = try SmallModels.model(name)
        var random = SeededNumbers(seed: seed)
        let windows = Self.windows(using: &random)
        let alone = try Self.computeAlone(windows, model)

        let workspace = model.makeWorkspace()
        for _ in 0..<4 {
            let order = (0..<Int.random(in: 2...12, using: &random)).map { _ in
                Int.random(in: 0..<windows.count, using: &random)
            }
            let results = try model.logProbabilities(
                of: order.map { windows[$0] }, blank: .none, workspace: workspace)
            for (place, index) in order.enumerated() {
                // A plain flag: the arrays are too large for a failure's message.
                let isSame = results[place].values == alone[index]
                #expect(
                    isSame,
                    "seed \(seed), \(name): window \(index) at \(place) of \(order)")
            }
        }
    }

    @Test("two threads compute the bits that one computes", arguments: SmallModels.names)
    func threadsDoNotMatter(name: String) async throws {
        let seed: UInt64 = 17
        let model = try SmallModels.model(name)
        var random = SeededNumbers(seed: seed)
        let windows = Self.windows(using: &random)
        let alone = try Self.computeAlone(windows, model)
        try await withThrowingTaskGroup(of: [[Float]].self) { group in
            for shift in 0..<2 {
                group.addTask {
                    ComputeThread.prepare()
                    let workspace = model.makeWorkspace()
                    let order = windows.indices.map { ($0 + shift) % windows.count }
                    let results = try model.logProbabilities(
                        of: order.map { windows[$0] }, blank: .none, workspace: workspace)
                    return windows.indices.map { index in
                        results[(index + windows.count - shift) % windows.count].values
                    }
                }
            }
            for try await results in group {
                let isSame = results == alone
                #expect(isSame, "seed \(seed)")
            }
        }
    }

    @Test("the portable class keeps to this too") func portable() async {
        await #expect(processExitsWith: .success) {
            _ = try ComputeBackend.activate(.instructionSet(.portable))
            for name in SmallModels.names {
                try PackingTests().batchDoesNotMatter(name: name, seed: 4)
            }
        }
    }

    /// Windows from too short for one frame to more than one tile of rows.
    private static func windows(using random: inout SeededNumbers) -> [AudioWindow] {
        [399, 400, 1_100, 5_000, 16_017, 30_000, 64_321, 130_000].map { samples in
            let length = samples + Int.random(in: 0..<320, using: &random)
            let padded = Bool.random(using: &random) ? length / 320 + 3 : nil
            return AudioWindow(
                samples: random.waveform(samples: samples < 400 ? 399 : length),
                paddedFrames: padded)
        }
    }

    private static func computeAlone(
        _ windows: [AudioWindow], _ model: Wav2Vec2Model
    ) throws -> [[Float]] {
        ComputeThread.prepare()
        return try windows.map { window in
            let workspace = model.makeWorkspace()
            return try model.logProbabilities(of: [window], blank: .none, workspace: workspace)[0]
                .values
        }
    }
}
