import AcousticModels
import Benchmarking
import StrictJSON
import Tensors
import Testing
import Wav2Vec2

@Suite("Results of a benchmark")
struct ResultTests {
    private func result(
        round: Int = 1, wall: Double = 2, batch: Int = 8, isShared: Bool = false
    ) -> BenchmarkResult {
        BenchmarkResult(
            arithmetic: ArithmeticClass(
                precision: .bf16, instructionSet: .avx512, library: .oneDNN,
                libraryVersion: "2.6"),
            setting: .init(batchSize: batch, threads: 2, isShared: isShared), round: round,
            utterances: 64, audioSeconds: 100, wallSeconds: wall,
            batchTimes: BatchTimes(of: [3, 1, 2]), loadSeconds: 0.25, peakMegabytes: 321,
            peakGigaflops: 800,
            stages: [
                .init(name: BenchmarkResult.decodeStage, threadSeconds: 0.5),
                .init(name: "layers", threadSeconds: 3, gigaflop: 900),
                .init(name: BenchmarkResult.textStage, threadSeconds: 1),
            ])
    }

    @Test("percentiles are element floor(n (1 - p)) of the times in descending order")
    func percentiles() {
        let hundred = BatchTimes(of: (1...100).map(Double.init).shuffled())
        #expect(hundred.meanMilliseconds == 50.5)
        #expect(hundred.percentile90 == 90)
        #expect(hundred.percentile95 == 95)
        #expect(hundred.percentile99 == 99)
        // floor(10 · 0.1) is the second largest; below that, the largest.
        let ten = BatchTimes(of: (1...10).map(Double.init))
        #expect(ten.percentile90 == 9)
        #expect(ten.percentile95 == 10)
        #expect(BatchTimes(of: [7]).percentile90 == 7)
    }

    @Test("rates follow from operations, time and threads")
    func rates() {
        let result = result()
        #expect(result.rtfx == 50)
        #expect(result.gigaflops == 450)
        #expect(result.percentOfPeak(result.gigaflops) == 56.25)
        // Two threads were at it for 1.5 s each.
        #expect(result.gigaflops(of: result.stages[1]) == 600)
        #expect(result.gigaflops(of: result.stages[2]) == nil)
        #expect(result.percentOfTime(result.stages[1]) == 75)
        #expect(result.percentOfTime(result.stages[0]) == nil)
        // One thread's time is the wall's where all share an utterance.
        let shared = self.result(batch: 1, isShared: true)
        #expect(shared.gigaflops(of: shared.stages[1]) == 300)
    }

    @Test("a line of JSON has the fields that programs read, and reads back as itself")
    func json() throws {
        let result = result(round: 3, isShared: true)
        let object = try #require(try JSONParser.parse(result.json).object)
        #expect(object["engine"]?.string == "scriptorium")
        #expect(object["precision"]?.string == "bf16")
        #expect(object["arithmetic"]?.string == "bf16/avx512/onednn-2.6")
        let numbers: [(String, Double)] = [
            ("batch", 8), ("threads", 2), ("round", 3), ("rtfx", 50), ("mean_ms", 2),
            ("p90_ms", 3), ("p95_ms", 3), ("p99_ms", 3), ("load_s", 0.25), ("peak_mb", 321),
            ("gflops", 450), ("peak_gflops", 800), ("peak_percent", 56.25),
        ]
        for (name, number) in numbers { #expect(object[name]?.double == number, "\(name)") }
        #expect(!result.json.contains(0x0A))
        #expect(BenchmarkResult(json: result.json) == result)
    }

    @Test(
        "anything else is no result",
        arguments: ["", "{}", "[1]", "{\"engine\":\"scriptorium\",\"batch\":1}"])
    func otherJSON(text: String) {
        #expect(BenchmarkResult(json: Array(text.utf8)) == nil)
    }

    @Test("one round's table has a row for each configuration, and its stages below")
    func table() {
        let lines = BenchmarkTable.text([result(batch: 1), result()]).split(
            separator: "\n", omittingEmptySubsequences: false)
        let cells = lines.map { line in
            line.split(separator: "|").map { $0.trimmingPrefix(" ").reversed().drop { $0 == " " } }
                .map { String($0.reversed()) }
        }.map { $0.map { String($0.drop { $0 == " " }) } }
        #expect(
            cells[0] == [
                "precision", "threads", "batch", "RTFx", "mean ms", "90 %", "95 %", "99 %",
                "GFLOP/s", "of peak", "load s", "peak MB",
            ])
        #expect(
            cells[3] == [
                "bf16", "2", "8", "50.0", "2.0", "3.0", "3.0", "3.0", "450.0", "56.3 %", "0.25",
                "321",
            ])
        #expect(
            lines[5]
                == "bf16/avx512/onednn-2.6, 2 threads, batch 1; the peak is 800.0 GFLOP/s")
        #expect(cells[6] == ["stage", "thread s", "of time", "GFLOP", "GFLOP/s", "of peak"])
        #expect(cells[8] == ["decode", "0.500", "-", "-", "-", "-"])
        #expect(cells[9] == ["layers", "3.000", "75.0 %", "900.0", "600.0", "75.0 %"])
        #expect(cells[10] == ["ctc", "1.000", "25.0 %", "-", "-", "-"])
        // Columns stand below each other.
        #expect(Set(lines[0...3].map(\.count)).count == 1)
        #expect(Set(lines[6...10].map(\.count)).count == 1)
    }

    @Test("rounds are one row: the median, the least and the greatest")
    func rounds() {
        let results = [(1, 4.0), (2, 1), (3, 2)].map { result(round: $0.0, wall: $0.1) }
        let lines = BenchmarkTable.text(results).split(separator: "\n")
        #expect(lines[0].contains("least") && lines[0].contains("greatest"))
        let row = lines[2].split(separator: "|").map { $0.filter { $0 != " " } }
        #expect(row[3...5] == ["50.0", "25.0", "100.0"])
        #expect(lines[3].hasPrefix("bf16/"), "\(lines[3])")
    }

    /// A result with ceilings, of two seconds on two threads.
    private func compared(price: Double? = nil, wall: Double = 2) -> BenchmarkResult {
        var result = result(wall: wall)
        result.stages = [
            .init(name: BenchmarkResult.decodeStage, threadSeconds: 0.5),
            .init(name: "extractor", threadSeconds: 1, gigaflop: 400),
            .init(name: "projection", threadSeconds: 0.25, gigaflop: 20),
            .init(name: "layers", threadSeconds: 1.5, gigaflop: 480),
            .init(name: "attention", threadSeconds: 0.5, gigaflop: 100),
            .init(name: "head", threadSeconds: 0.25, gigaflop: 10),
            .init(name: BenchmarkResult.textStage, threadSeconds: 0.25),
        ]
        result.addCeilings(
            [
                .extractor: .init(products: 240e9, floats: 20e9),
                .projection: .init(products: 20e9), .layers: .init(products: 480e9),
                .attention: .init(scores: 100e9), .head: .init(floats: 5e9),
            ], PeakRates(products: 800e9, scores: 400e9, floats: 200e9))
        result.pricePerHour = price
        return result
    }

    @Test("the ceiling is the time of the arithmetic at the peaks of its numbers")
    func ceiling() throws {
        let result = compared(price: 0.5)
        #expect(result.furtherPeaks == .init(scores: 400, floats: 200))
        let byName = Dictionary(uniqueKeysWithValues: result.stages.map { ($0.name, $0) })
        let extractor = try #require(byName["extractor"])
        #expect(extractor.computedGigaflop == 260)
        #expect(abs((extractor.ceilingSeconds ?? 0) - (240.0 / 800 + 20.0 / 200)) < 1e-12)
        // Half a second by both threads, and 0.4 s at the least.
        #expect(abs((result.percentOfCeiling([extractor]) ?? 0) - 80) < 1e-9)
        // 0.4, 0.025, 0.6, 0.25 and 0.025 s.
        #expect(abs((result.ceilingRTFx ?? 0) - 100 / 1.3) < 1e-9)
        #expect(abs((result.percentOfCeiling ?? 0) - 65) < 1e-9)
        #expect(result.machineHours == 20 && result.price == 10)
        let text = try #require(byName[BenchmarkResult.textStage])
        #expect(text.ceilingSeconds == nil && result.percentOfCeiling([text]) == nil)
        #expect(self.result().ceilingRTFx == nil && self.result().percentOfCeiling == nil)
    }

    @Test("JSON has the ceilings, and reads back as itself")
    func ceilingJSON() throws {
        for price in [nil, 0.5] {
            let result = compared(price: price)
            let object = try #require(try JSONParser.parse(result.json).object)
            for (name, number) in [
                ("peak_gflops", 800), ("peak_scores_gflops", 400), ("peak_fp32_gflops", 200),
                ("ceiling_rtfx", 76.92), ("ceiling_percent", 65),
                ("machine_hours_per_1000_h", 20),
            ] {
                #expect(object[name]?.double == number, "\(name)")
            }
            #expect(object["price_per_hour"]?.double == price)
            #expect(object["price_per_1000_h"]?.double == price.map { 20 * $0 })
            let stages = try #require(object["stages"]?.array).compactMap(\.object)
            #expect(stages[1]["computed_gflop"]?.double == 260)
            #expect(stages[1]["ceiling_s"]?.double == 0.4)
            #expect(stages[1]["ceiling_percent"]?.double == 80)
            #expect(stages[0]["ceiling_s"] == nil && stages[6]["ceiling_percent"] == nil)
            #expect(BenchmarkResult(json: result.json) == result)
        }
        let names = try #require(try JSONParser.parse(result().json).object).members.map(\.key)
        #expect(!names.contains { $0.contains("ceiling") || $0.contains("machine_hours") })
    }

    @Test("people see the parts that they think in, the whole, and what it costs")
    func ceilingTable() {
        let text = CeilingTable.text([compared(price: 0.5)])
        let lines = text.split(separator: "\n").map(String.init)
        let cells = lines.map { line in
            line.split(separator: "|").map { cell in
                String(cell.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
            }
        }
        #expect(
            lines[0]
                == "bf16/avx512/onednn-2.6, 2 threads, batch 8; the peaks are 800.0 GFLOP/s for products, "
                + "400.0 for attention and 200.0 in fp32")
        #expect(cells[1] == ["part", "GFLOP as computed", "s at the peaks", "s", "of the ceiling"])
        #expect(cells[3] == ["extractor", "260.0", "0.400", "0.500", "80.0 %"])
        #expect(cells[4] == ["positional convolution", "0.0", "0.000", "0.000", "-"])
        #expect(cells[5] == ["products of the layers", "480.0", "0.600", "0.750", "80.0 %"])
        #expect(cells[6] == ["attention", "100.0", "0.250", "0.250", "100.0 %"])
        #expect(cells[7] == ["the rest", "25.0", "0.050", "0.375", "13.3 %"])
        #expect(cells[8] == ["all", "865.0", "1.300", "2.000", "65.0 %"])
        #expect(lines[9] == "RTFx 50.0 of at most 76.9")
        #expect(
            lines[10]
                == "1,000 hours of audio take 20.0 machine hours with 2 threads, which cost 10.00 at 0.5000 an hour"
        )
        // Without a price there is none, and rounds are their median.
        let rounds = CeilingTable.text([1, 2, 4].map { compared(wall: $0) })
        #expect(rounds.contains("RTFx 50.0 of at most 76.9\n"))
        #expect(rounds.hasSuffix("20.0 machine hours with 2 threads\n"))
    }

    @Test("synthetic audio is the same each time, and as long as it says")
    func synthetic() {
        let clips = SyntheticSpeech.clips()
        #expect(clips.count == 64)
        #expect(clips.map(\.count) == SyntheticSpeech.lengths.map { $0 * 1_600 })
        #expect(SyntheticSpeech.lengths.reduce(0, +) == 4_346)
        #expect(clips == SyntheticSpeech.clips())
        #expect(clips.allSatisfy { $0.allSatisfy { abs($0) <= 0.1 } })
        #expect(Set(clips[0].prefix(1_000)).count > 900)
    }

    @Test("the peak is a speed")
    func peak() throws {
        let backend = try ComputeBackend.activate(ArithmeticChoice(precision: .fp32))
        #expect(backend.multiplyInRegisters(rounds: 0) == 0)
        #expect(
            backend.multiplyInRegisters(rounds: 20) == 2 * backend.multiplyInRegisters(rounds: 10))
        #expect(try PeakRate.measure(on: backend, threads: 2) > 0)
        let peaks = try PeakRates(of: backend, threads: 1)
        // Three kinds of numbers are one here.
        #expect(peaks.products > 0 && peaks.products == peaks.scores)
        #expect(peaks.products == peaks.floats)
    }
}
