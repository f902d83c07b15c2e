package import AcousticModels

/// How near a pass came to what the machine could do.
///
/// The ceiling is the time of the arithmetic alone: each operation that the engine computes, at the speed at
/// which the same threads multiply and add in registers in the numbers that it is done in.
extension BenchmarkResult {
    /// Adds the ceilings of all stages.
    ///
    /// - Parameters:
    ///   - operations: of one pass, as they are computed, by part.
    ///   - peaks: of this machine, on as many threads.
    package mutating func addCeilings(
        _ operations: [ModelPart: OperationCounts], _ peaks: PeakRates
    ) {
        furtherPeaks = FurtherPeaks(scores: peaks.scores / 1e9, floats: peaks.floats / 1e9)
        for index in stages.indices {
            guard let part = ModelPart(rawValue: stages[index].name) else { continue }
            let counts = operations[part] ?? OperationCounts()
            stages[index].computedGigaflop = counts.total / 1e9
            stages[index].ceilingSeconds = peaks.seconds(for: counts)
        }
    }

    /// Time that all threads together were in some stages, as if all were in them at once.
    package func seconds(of stages: [Stage]) -> Double {
        stages.reduce(0) { $0 + $1.threadSeconds } / Double(setting.batchesAtOnce)
    }

    /// Per cent of the ceiling that some stages reached; nil where there is none.
    package func percentOfCeiling(_ stages: [Stage]) -> Double? {
        let least = stages.reduce(0) { $0 + ($1.ceilingSeconds ?? 0) }
        let took = seconds(of: stages)
        return least > 0 && took > 0 ? 100 * least / took : nil
    }

    /// Audio seconds that could be computed in a second at most; nil where no ceiling was asked for.
    package var ceilingRTFx: Double? {
        let least = stages.reduce(0) { $0 + ($1.ceilingSeconds ?? 0) }
        return least > 0 ? audioSeconds / least : nil
    }

    /// Per cent of ``ceilingRTFx``.
    package var percentOfCeiling: Double? { ceilingRTFx.map { 100 * rtfx / $0 } }

    /// Hours that the threads need for 1,000 hours of audio.
    package var machineHours: Double { 1_000 / rtfx }

    /// What these cost.
    package var price: Double? { pricePerHour.map { $0 * machineHours } }
}
