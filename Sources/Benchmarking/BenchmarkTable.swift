internal import Tensors

/// Results for people: one row for each configuration, then where its time went.
package enum BenchmarkTable {
    /// Markdown tables of medians over rounds.
    ///
    /// - Parameter results: rounds of one configuration follow each other.
    package static func text(_ results: [BenchmarkResult]) -> String {
        let configurations = byConfiguration(results)
        return overview(configurations) + configurations.map { "\n" + stages($0) }.joined()
    }

    /// Rounds of each configuration.
    static func byConfiguration(_ results: [BenchmarkResult]) -> [[BenchmarkResult]] {
        var configurations: [[BenchmarkResult]] = []
        for result in results {
            if let last = configurations.last?.last, last.isOfConfiguration(of: result) {
                configurations[configurations.count - 1].append(result)
            } else {
                configurations.append([result])
            }
        }
        return configurations
    }

    private static func overview(_ configurations: [[BenchmarkResult]]) -> String {
        let hasRounds = configurations.contains { $0.count > 1 }
        let columns =
            ["precision", "threads", "batch", "RTFx"] + (hasRounds ? ["least", "greatest"] : [])
            + ["mean ms", "90 %", "95 %", "99 %", "GFLOP/s", "of peak", "load s", "peak MB"]
        return table(
            columns,
            rows: configurations.map { rounds in
                func middle(_ value: (BenchmarkResult) -> Double, _ decimals: Int = 1) -> String {
                    fixed(median(rounds.map(value)), decimals)
                }
                let rates = rounds.map(\.rtfx)
                let spread = [rates.min() ?? 0, rates.max() ?? 0].map { fixed($0, 1) }
                let first = rounds[0]
                return [
                    first.arithmetic.precision.rawValue, "\(first.setting.threads)",
                    "\(first.setting.batchSize)", middle(\.rtfx),
                ] + (hasRounds ? spread : []) + [
                    middle(\.batchTimes.meanMilliseconds), middle(\.batchTimes.percentile90),
                    middle(\.batchTimes.percentile95), middle(\.batchTimes.percentile99),
                    middle(\.gigaflops), middle { $0.percentOfPeak($0.gigaflops) } + " %",
                    middle(\.loadSeconds, 2), "\(rounds.map(\.peakMegabytes).max() ?? 0)",
                ]
            })
    }

    private static func stages(_ rounds: [BenchmarkResult]) -> String {
        let first = rounds[0]
        let peak = fixed(median(rounds.map(\.peakGigaflops)), 1)
        let title = "\(name(of: first)); the peak is \(peak) GFLOP/s\n"
        let rows = first.stages.indices.map { index -> [String] in
            func middle(
                _ decimals: Int, _ unit: String = "",
                _ value: (BenchmarkResult, BenchmarkResult.Stage) -> Double?
            ) -> String {
                let values = rounds.compactMap { value($0, $0.stages[index]) }
                return values.isEmpty ? "-" : fixed(median(values), decimals) + unit
            }
            return [
                first.stages[index].name, middle(3) { $1.threadSeconds },
                middle(1, " %") { $0.percentOfTime($1) }, middle(1) { $1.gigaflop },
                middle(1) { $0.gigaflops(of: $1) },
                middle(1, " %") { result, stage in
                    result.gigaflops(of: stage).map(result.percentOfPeak)
                },
            ]
        }
        return title
            + table(["stage", "thread s", "of time", "GFLOP", "GFLOP/s", "of peak"], rows: rows)
    }

    /// What was measured.
    static func name(of result: BenchmarkResult) -> String {
        "\(result.arithmetic), \(threads(result)), batch \(result.setting.batchSize)"
    }

    static func threads(_ result: BenchmarkResult) -> String {
        "\(result.setting.threads) thread\(result.setting.threads == 1 ? "" : "s")"
    }

    /// Text to the left in the first column, numbers to the right in the others.
    static func table(_ columns: [String], rows: [[String]]) -> String {
        let widths = columns.indices.map { index in
            ([columns] + rows).map { $0[index].count }.max() ?? 0
        }
        func line(_ cells: [String]) -> String {
            let padded = zip(cells, widths).enumerated().map { index, cell in
                let space = String(repeating: " ", count: cell.1 - cell.0.count)
                return index == 0 ? cell.0 + space : space + cell.0
            }
            return "| " + padded.joined(separator: " | ") + " |\n"
        }
        let rule = widths.enumerated().map { index, width in
            String(repeating: "-", count: width - (index == 0 ? 0 : 1)) + (index == 0 ? "" : ":")
        }
        return line(columns) + line(rule) + rows.map(line).joined()
    }

    static func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }

    /// `value` with so many decimals.
    static func fixed(_ value: Double, _ decimals: Int) -> String {
        let scale = (0..<decimals).reduce(1) { scale, _ in scale * 10 }
        guard value.isFinite, abs(value) < 1e12 else { return "-" }
        let units = Int((abs(value) * Double(scale)).rounded())
        let fraction = String(units % scale + scale).dropFirst()
        return "\(value < 0 ? "-" : "")\(units / scale).\(fraction)"
    }
}

extension BenchmarkResult {
    /// Whether both are rounds of the same.
    fileprivate func isOfConfiguration(of other: BenchmarkResult) -> Bool {
        arithmetic == other.arithmetic && setting == other.setting
            && stages.map(\.name) == other.stages.map(\.name)
    }
}
