internal import AcousticModels
internal import EngineClasses
internal import ModelLoading
internal import Tensors
internal import Testing

/// How far precisions below float32 are from what the reference computed in float32.
///
/// Weights of the fixtures are random, so nothing in them is redundant: a trained model differs less.
@Suite("Golden fixtures in narrow precisions") struct NarrowPrecisionTests {
    /// What a class's log-probabilities over all fixtures may differ by.
    private struct Limits {
        let largest: Float
        let mean: Float
        /// The least share of frames whose most probable symbol is the reference's.
        let agreement: Float

        /// Twice what was measured (docs/numerics.md), or twice the disagreement: the fixtures' models
        /// are the same for ever, and another library may round otherwise.
        init(_ precision: ArithmeticClass.Precision) {
            (largest, mean, agreement) =
                precision == .int8 ? (10.5, 0.44, 0.855) : (2.3, 0.15, 0.97)
        }
    }

    @Test("those of relatives are as near", arguments: EngineClass.narrowHere)
    func relativesAreNear(named: EngineClass) async {
        await #expect(processExitsWith: .success) { [named] in
            let backend = try named.activate()
            let limits = Limits(named.precision)
            // A frame is a per cent of a case, so symbols are counted over all of them.
            var (frames, agreeing) = (0, 0)
            for name in GoldenCase.familyCases {
                var differences = Differences()
                try NarrowPrecisionTests.compare(name, on: backend, into: &differences)
                #expect(differences.frames > 0, "\(name)")
                #expect(differences.largest <= limits.largest, "\(name): \(differences)")
                #expect(differences.mean <= limits.mean, "\(name): \(differences)")
                frames += differences.frames
                agreeing += differences.agreeing
            }
            let agreement = Float(agreeing) / Float(frames)
            #expect(agreement >= limits.agreement, "\(agreeing) of \(frames)")
        }
    }

    @Test("log-probabilities are near the reference's", arguments: EngineClass.narrowHere)
    func nearReference(named: EngineClass) async {
        await #expect(processExitsWith: .success) { [named] in
            let backend = try named.activate()
            var all = Differences()
            for name in GoldenCase.modelCases {
                try NarrowPrecisionTests.compare(name, on: backend, into: &all)
            }
            let limits = Limits(named.precision)
            #expect(all.frames > 0)
            #expect(all.largest <= limits.largest, "\(all)")
            #expect(all.mean <= limits.mean, "\(all)")
            #expect(all.agreement >= limits.agreement, "\(all)")
        }
    }

    /// Differences of log-probabilities, and of what is read from them.
    private struct Differences {
        var largest: Float = 0
        var sum = 0.0
        var values = 0
        var frames = 0
        var agreeing = 0

        var mean: Float { Float(sum / Double(values)) }
        var agreement: Float { Float(agreeing) / Float(frames) }
    }

    private static func compare(
        _ name: String, on backend: ComputeBackend, into differences: inout Differences
    ) throws {
        ComputeThread.prepare()
        let golden = try GoldenCase(name)
        for checkpoint in golden.checkpoints {
            let loaded = try ModelLoader.load(
                path: checkpoint.path, labelsPath: golden.labelsPath,
                language: checkpoint.language)
            let model = try loaded.makeNetwork(on: backend)
            for run in golden.runs
            where run.set == checkpoint.expectedSet && !golden.dependsOnPadding(run)
                && run.tensors.contains(Stage.logProbabilities.rawValue)
            {
                let results = try model.logProbabilities(
                    of: GoldenTests.windows(of: run, golden),
                    blank: GoldenTests.blank(of: run, golden), workspace: model.makeWorkspace())
                let expected = try golden.expected(Stage.logProbabilities.rawValue, of: run)
                let (rows, width) = (expected.shape[1], expected.shape[2])
                for (index, result) in results.enumerated() {
                    let values = result.values
                    for frame in 0..<result.shape[0] {
                        let ours = values[frame * width..<(frame + 1) * width]
                        let start = (index * rows + frame) * width
                        let theirs = expected.values[start..<start + width]
                        for (a, b) in zip(ours, theirs) {
                            let difference = (a - b).isNaN ? .infinity : abs(a - b)
                            differences.largest = max(differences.largest, difference)
                            differences.sum += Double(difference)
                        }
                        differences.values += width
                        differences.frames += 1
                        differences.agreeing += place(ours) == place(theirs) ? 1 : 0
                    }
                }
            }
        }
    }

    /// Where the largest value of a frame is.
    private static func place(_ frame: ArraySlice<Float>) -> Int? {
        frame.indices.max { frame[$0] < frame[$1] }.map { $0 - frame.startIndex }
    }
}
