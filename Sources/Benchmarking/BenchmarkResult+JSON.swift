internal import StrictJSON
internal import Tensors

extension BenchmarkResult {
    /// One JSON object, without a line end.
    package var json: [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        for (name, text) in [
            ("engine", "scriptorium"), ("precision", arithmetic.precision.rawValue),
            ("arithmetic", arithmetic.description),
        ] {
            writer.key(name)
            writer.value(text)
        }
        for (name, number) in [
            ("batch", setting.batchSize), ("threads", setting.threads), ("round", round),
            ("utterances", utterances),
        ] {
            writer.key(name)
            writer.value(number)
        }
        writer.key("latency")
        writer.value(setting.isShared)
        writer.add([
            ("audio_s", audioSeconds, 6), ("wall_s", wallSeconds, 6), ("rtfx", rtfx, 2),
            ("mean_ms", batchTimes.meanMilliseconds, 2), ("p90_ms", batchTimes.percentile90, 2),
            ("p95_ms", batchTimes.percentile95, 2), ("p99_ms", batchTimes.percentile99, 2),
            ("load_s", loadSeconds, 2), ("peak_mb", Double(peakMegabytes), 0),
            ("gflops", gigaflops, 2), ("peak_gflops", peakGigaflops, 2),
            ("peak_percent", percentOfPeak(gigaflops), 2),
        ])
        if let furtherPeaks {
            writer.add([
                ("peak_scores_gflops", furtherPeaks.scores, 2),
                ("peak_fp32_gflops", furtherPeaks.floats, 2), ("ceiling_rtfx", ceilingRTFx, 2),
                ("ceiling_percent", percentOfCeiling, 2),
                ("machine_hours_per_1000_h", machineHours, 3),
                ("price_per_hour", pricePerHour, 6), ("price_per_1000_h", price, 6),
            ])
        }
        writer.key("stages")
        writer.beginArray()
        for stage in stages {
            let rate = gigaflops(of: stage)
            writer.beginObject()
            writer.key("stage")
            writer.value(stage.name)
            writer.add([
                ("thread_s", stage.threadSeconds, 6), ("gflop", stage.gigaflop, 6),
                ("gflops", rate, 2), ("peak_percent", rate.map(percentOfPeak), 2),
                ("computed_gflop", stage.computedGigaflop, 6),
                ("ceiling_s", stage.ceilingSeconds, 6),
                ("ceiling_percent", percentOfCeiling([stage]), 2),
            ])
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
        return writer.bytes
    }

    /// Reads what ``json`` writes; nil for anything else.
    package init?(json: some Sequence<UInt8>) {
        guard let object = try? JSONParser.parse(Array(json), bytesMax: 1 << 16).object,
            let arithmetic = object["arithmetic"]?.string.flatMap(ArithmeticClass.init(_:)),
            let batch = object["batch"]?.int, let threads = object["threads"]?.int,
            let round = object["round"]?.int,
            let utterances = object["utterances"]?.int,
            let isShared = object["latency"]?.bool,
            let peakMegabytes = object["peak_mb"]?.int,
            let stages = object["stages"]?.array
        else { return nil }
        let names = [
            "audio_s", "wall_s", "mean_ms", "p90_ms", "p95_ms", "p99_ms", "load_s", "peak_gflops",
        ]
        let numbers = names.compactMap { object[$0]?.double }
        guard numbers.count == names.count else { return nil }
        self.init(
            arithmetic: arithmetic,
            setting: .init(batchSize: batch, threads: threads, isShared: isShared), round: round,
            utterances: utterances, audioSeconds: numbers[0], wallSeconds: numbers[1],
            batchTimes: BatchTimes(
                mean: numbers[2], percentile90: numbers[3], percentile95: numbers[4],
                percentile99: numbers[5]), loadSeconds: numbers[6], peakMegabytes: peakMegabytes,
            peakGigaflops: numbers[7], stages: [])
        for stage in stages {
            guard let object = stage.object, let name = object["stage"]?.string,
                let seconds = object["thread_s"]?.double
            else { return nil }
            self.stages.append(
                Stage(
                    name: name, threadSeconds: seconds, gigaflop: object["gflop"]?.double,
                    computedGigaflop: object["computed_gflop"]?.double,
                    ceilingSeconds: object["ceiling_s"]?.double))
        }
        if let scores = object["peak_scores_gflops"]?.double,
            let floats = object["peak_fp32_gflops"]?.double
        {
            furtherPeaks = FurtherPeaks(scores: scores, floats: floats)
        }
        pricePerHour = object["price_per_hour"]?.double
    }
}

extension JSONWriter {
    /// Numbers with so many decimals; those that are nil are left out.
    fileprivate mutating func add(_ numbers: [(name: String, value: Double?, decimals: Int)]) {
        for (name, value, decimals) in numbers {
            guard let value, value.isFinite else { continue }
            let scale = (0..<decimals).reduce(1.0) { scale, _ in scale * 10 }
            key(name)
            if decimals == 0 {
                self.value(Int(value))
            } else {
                self.value((value * scale).rounded() / scale)
            }
        }
    }
}
