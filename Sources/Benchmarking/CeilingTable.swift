/// How near results came to what the machine could do, and what that costs, for people.
package enum CeilingTable {
    /// The parts that people think in, by the names of their stages; the others are the rest.
    private static let parts = [
        ("extractor", "extractor"), ("positional convolution", "positional"),
        ("products of the layers", "layers"), ("attention", "attention"),
    ]

    /// A table and two sentences for each configuration: medians over rounds.
    ///
    /// - Parameter results: with ceilings; rounds of one configuration follow each other.
    package static func text(_ results: [BenchmarkResult]) -> String {
        BenchmarkTable.byConfiguration(results).map { "\n" + text(ofRounds: $0) }.joined()
    }

    private static func text(ofRounds rounds: [BenchmarkResult]) -> String {
        let first = rounds[0]
        func middle(
            _ decimals: Int, _ unit: String = "", _ value: (BenchmarkResult) -> Double?
        ) -> String {
            let values = rounds.compactMap(value)
            return values.isEmpty
                ? "-" : BenchmarkTable.fixed(BenchmarkTable.median(values), decimals) + unit
        }
        func row(_ name: String, _ holds: @escaping (String) -> Bool) -> [String] {
            func stages(_ result: BenchmarkResult) -> [BenchmarkResult.Stage] {
                result.stages.filter {
                    $0.name != BenchmarkResult.decodeStage && holds($0.name)
                }
            }
            return [
                name, middle(1) { stages($0).reduce(0.0) { $0 + ($1.computedGigaflop ?? 0) } },
                middle(3) { stages($0).reduce(0.0) { $0 + ($1.ceilingSeconds ?? 0) } },
                middle(3) { $0.seconds(of: stages($0)) },
                middle(1, " %") { $0.percentOfCeiling(stages($0)) },
            ]
        }
        var rows = parts.map { name, stage in row(name) { $0 == stage } }
        let known = Set(parts.map(\.1))
        rows.append(row("the rest") { !known.contains($0) })
        var whole = row("all") { _ in true }
        // Threads that wait are part of the whole.
        whole[3] = middle(3) { $0.wallSeconds }
        whole[4] = middle(1, " %") { $0.percentOfCeiling }
        rows.append(whole)
        let peaks = [
            middle(1) { $0.peakGigaflops }, middle(1) { $0.furtherPeaks?.scores },
            middle(1) { $0.furtherPeaks?.floats },
        ]
        let title =
            "\(BenchmarkTable.name(of: first)); the peaks are \(peaks[0]) GFLOP/s for products, "
            + "\(peaks[1]) for attention and \(peaks[2]) in fp32\n"
        let (price, perHour) = (middle(2) { $0.price }, middle(4) { $0.pricePerHour })
        let cost =
            first.pricePerHour == nil ? "" : ", which cost \(price) at \(perHour) an hour"
        return title
            + BenchmarkTable.table(
                ["part", "GFLOP as computed", "s at the peaks", "s", "of the ceiling"], rows: rows)
            + "RTFx \(middle(1) { $0.rtfx }) of at most \(middle(1) { $0.ceilingRTFx })\n"
            + "1,000 hours of audio take \(middle(1) { $0.machineHours }) machine hours with "
            + "\(BenchmarkTable.threads(first))\(cost)\n"
    }
}
