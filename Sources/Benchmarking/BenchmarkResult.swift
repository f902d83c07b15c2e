package import AcousticModels
package import Tensors

/// What one pass over all audio gave, in one configuration.
package struct BenchmarkResult: Hashable, Sendable {
    /// A part of the way from file to text.
    package struct Stage: Hashable, Sendable {
        package var name: String
        /// Of all threads that have a batch of their own, together.
        package var threadSeconds: Double
        /// Nominal, in units of 10⁹; nil where no matrices are multiplied.
        package var gigaflop: Double?
        /// In the way that they are computed; nil where that was not asked for.
        package var computedGigaflop: Double?
        /// The least time that these take all threads together, at the peaks of their numbers.
        package var ceilingSeconds: Double?

        package init(
            name: String, threadSeconds: Double, gigaflop: Double? = nil,
            computedGigaflop: Double? = nil, ceilingSeconds: Double? = nil
        ) {
            self.name = name
            self.threadSeconds = threadSeconds
            self.gigaflop = gigaflop
            self.computedGigaflop = computedGigaflop
            self.ceilingSeconds = ceilingSeconds
        }
    }

    /// Peaks of other numbers than the class's products, in units of 10⁹ operations a second.
    package struct FurtherPeaks: Hashable, Sendable {
        package var scores: Double
        package var floats: Double

        package init(scores: Double, floats: Double) {
            self.scores = scores
            self.floats = floats
        }
    }

    package var arithmetic: ArithmeticClass
    package var setting: EngineBenchmark.Setting
    /// From 1 on.
    package var round: Int
    package var utterances: Int
    package var audioSeconds: Double
    package var wallSeconds: Double
    package var batchTimes: BatchTimes
    /// From the start of the program to a model in memory.
    package var loadSeconds: Double
    /// The most memory that the process has had resident, in MiB.
    package var peakMegabytes: Int
    /// What the threads together multiply in registers in a second, in units of 10⁹ operations.
    package var peakGigaflops: Double
    /// The same in the numbers of attention's scores, and in float32; nil where no ceiling was asked for.
    package var furtherPeaks: FurtherPeaks?
    /// What an hour of the machine costs, in any currency.
    package var pricePerHour: Double?
    /// In the order of the way; ``decodeStage`` first where there were files.
    package var stages: [Stage]

    package init(
        arithmetic: ArithmeticClass, setting: EngineBenchmark.Setting, round: Int, utterances: Int,
        audioSeconds: Double, wallSeconds: Double, batchTimes: BatchTimes, loadSeconds: Double,
        peakMegabytes: Int, peakGigaflops: Double, stages: [Stage]
    ) {
        self.arithmetic = arithmetic
        self.setting = setting
        self.round = round
        self.utterances = utterances
        self.audioSeconds = audioSeconds
        self.wallSeconds = wallSeconds
        self.batchTimes = batchTimes
        self.loadSeconds = loadSeconds
        self.peakMegabytes = peakMegabytes
        self.peakGigaflops = peakGigaflops
        self.stages = stages
    }

    /// The name of the stage that is over before the clock starts: files to samples, on one thread.
    package static let decodeStage = "decode"
    /// The name of the last stage: log-probabilities to text.
    package static let textStage = "ctc"

    /// Audio seconds computed in a second.
    package var rtfx: Double { audioSeconds / wallSeconds }

    /// 10⁹ operations in a second, over all stages.
    package var gigaflops: Double {
        stages.reduce(0) { $0 + ($1.gigaflop ?? 0) } / wallSeconds
    }

    /// 10⁹ operations in a second of the stage, by all threads together, as if all were in it at once.
    package func gigaflops(of stage: Stage) -> Double? {
        guard let gigaflop = stage.gigaflop, stage.threadSeconds > 0 else { return nil }
        return gigaflop * Double(setting.batchesAtOnce) / stage.threadSeconds
    }

    /// Per cent of the peak.
    package func percentOfPeak(_ gigaflops: Double) -> Double { 100 * gigaflops / peakGigaflops }

    /// Per cent of the computing threads' time; nil for what they did not do.
    package func percentOfTime(_ stage: Stage) -> Double? {
        let timed = stages.filter { $0.name != Self.decodeStage }
            .reduce(0) { $0 + $1.threadSeconds }
        guard stage.name != Self.decodeStage, timed > 0 else { return nil }
        return 100 * stage.threadSeconds / timed
    }
}

extension BenchmarkResult {
    /// The stages of one pass.
    ///
    /// - Parameters:
    ///   - decodeSeconds: of files to samples; nil where there were no files.
    ///   - operations: of one pass, by part.
    package static func stages(
        of pass: EngineBenchmark.Pass, decodeSeconds: Double?, operations: [ModelPart: Double]
    ) -> [Stage] {
        var stages = decodeSeconds.map { [Stage(name: decodeStage, threadSeconds: $0)] } ?? []
        stages += ModelPart.allCases.map { part in
            Stage(
                name: part.rawValue, threadSeconds: pass.partSeconds[part] ?? 0,
                gigaflop: (operations[part] ?? 0) / 1e9)
        }
        return stages + [Stage(name: textStage, threadSeconds: pass.decodingSeconds)]
    }
}
