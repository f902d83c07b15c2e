import Foundation
import Testing

@Suite("scriptorium benchmark, on the bundled model")
struct BenchmarkTests {
    private struct Line: Decodable {
        struct Stage: Decodable {
            let stage: String
            let threadSeconds: Double
            let gflop: Double?

            private enum CodingKeys: String, CodingKey {
                case threadSeconds = "thread_s"
                case stage, gflop
            }
        }

        let engine: String
        let precision: String
        let batch: Int
        let threads: Int
        let round: Int
        let latency: Bool
        let utterances: Int
        let audioSeconds: Double
        let wallSeconds: Double
        let rtfx: Double
        let peakMegabytes: Int
        let stages: [Stage]

        private enum CodingKeys: String, CodingKey {
            case audioSeconds = "audio_s"
            case wallSeconds = "wall_s"
            case peakMegabytes = "peak_mb"
            case engine, precision, batch, threads, round, latency, utterances, rtfx, stages
        }
    }

    private static let stages = [
        "decode", "extractor", "projection", "positional", "layers", "attention", "head", "ctc",
    ]

    private func lines(_ arguments: [String]) throws -> [Line] {
        let result = try Program.run(["benchmark", "--json"] + arguments)
        #expect(result.status == 0, "\(result.errors)")
        // On a machine that is busy it takes so long that it says how far it is.
        let notices = result.errors.split(whereSeparator: \.isNewline).filter {
            !$0.contains("scriptorium: measuring: ")
        }
        #expect(notices.isEmpty, "\(result.errors)")
        return try result.output.split(separator: "\n").map {
            try JSONDecoder().decode(Line.self, from: Data($0.utf8))
        }
    }

    @Test("each configuration and round is one JSON line, with all stages")
    func configurations() throws {
        let lines = try lines([
            Examples.manifest, "--precision", "fp32", "--threads", "1", "--threads", "2",
            "--batch", "1", "--batch", "5", "--rounds", "2",
        ])
        #expect(
            lines.map { [$0.threads, $0.batch, $0.round] } == [
                [1, 1, 1], [1, 1, 2], [1, 5, 1], [1, 5, 2], [2, 1, 1], [2, 1, 2], [2, 5, 1],
                [2, 5, 2],
            ])
        for line in lines {
            #expect(line.engine == "scriptorium" && line.precision == "fp32" && !line.latency)
            #expect(line.stages.map(\.stage) == Self.stages)
            // 40 recordings, of which one of 68 s is cut into two windows or more.
            #expect(line.utterances > 40)
            #expect(abs(line.audioSeconds - 125.5) < 0.2)
            #expect(abs(line.rtfx - line.audioSeconds / line.wallSeconds) < 0.01 * line.rtfx)
            #expect(line.peakMegabytes > 0)
            for stage in line.stages {
                #expect(stage.threadSeconds > 0, "\(stage.stage)")
                #expect((stage.gflop ?? 1) > 0, "\(stage.stage)")
            }
            // What threads did at once is no longer than the clock ran.
            let computed = line.stages.dropFirst().reduce(0) { $0 + $1.threadSeconds }
            #expect(computed <= line.wallSeconds * Double(line.threads) * 1.001)
        }
    }

    @Test("--latency shares one utterance among the threads")
    func latency() throws {
        let lines = try lines([Examples.manifest, "--latency", "--threads", "2"])
        try #require(lines.map { [$0.threads, $0.batch] } == [[2, 1]])
        #expect(lines[0].latency)
        let computed = lines[0].stages.dropFirst().reduce(0) { $0 + $1.threadSeconds }
        #expect(computed <= lines[0].wallSeconds * 1.001)
    }

    @Test("without a manifest there is noise, and a table for people")
    func synthetic() throws {
        let result = try Program.run(["benchmark", "--threads", "2"])
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.errors.contains("bundled model"))
        let lines = result.output.split(separator: "\n")
        #expect(lines.first == "64 utterances of noise, 435 s")
        let tables = lines.filter { $0.hasPrefix("| precision") || $0.hasPrefix("| stage") }
        #expect(tables.count == 3, "\(result.output)")
        #expect(!result.output.contains("decode"))
        #expect(lines.count { $0.hasPrefix("| attention") } == 2)
    }

    @Test("--compare tells the ceiling of this machine, part by part, and the cost of 1,000 hours")
    func compared() throws {
        let result = try Program.run([
            "benchmark", Examples.manifest, "--model", Examples.model, "--threads", "2", "--batch",
            "1", "--batch", "8", "--compare", "--price", "0.5",
        ])
        #expect(result.status == 0, "\(result.errors)")
        let lines = result.output.split(separator: "\n")
        for part in [
            "extractor ", "positional convolution", "products of the layers", "attention ",
            "the rest", "all ",
        ] {
            let rows = lines.filter {
                $0.hasPrefix("| \(part)") && $0.split(separator: "|").count == 5
            }
            #expect(rows.count == 2, "\(part): \(result.output)")
            #expect(rows.allSatisfy { $0.hasSuffix(" % |") }, "\(rows)")
        }
        #expect(lines.count { $0.hasPrefix("RTFx ") && $0.contains(" of at most ") } == 2)
        let costs = lines.filter { $0.hasPrefix("1,000 hours of audio take ") }
        #expect(costs.count == 2)
        #expect(
            costs.allSatisfy { $0.contains("with 2 threads") && $0.hasSuffix("0.5000 an hour") })

        let line = try Program.run([
            "benchmark", Examples.manifest, "--model", Examples.model, "--threads", "1", "--batch",
            "8", "--compare", "--json",
        ])
        for name in ["ceiling_rtfx", "ceiling_percent", "machine_hours_per_1000_h", "ceiling_s"] {
            #expect(line.output.contains("\"\(name)\":"), "\(line.output)")
        }
        #expect(!line.output.contains("price"))
    }

    @Test("what cannot be measured is refused with a reason")
    func refusals() throws {
        let scratch = try Scratch()
        let empty = scratch.path("empty.jsonl")
        try Data().write(to: URL(fileURLWithPath: empty))
        let missing = scratch.path("missing.jsonl")
        try Data("{\"audio_filepath\": \"none.wav\"}\n".utf8)
            .write(to: URL(fileURLWithPath: missing))
        for (arguments, reason) in [
            (["--batch", "0"], "--batch must be"), (["--threads", "0"], "--threads must be"),
            (["--rounds", "0"], "--rounds must be"), (["--precision", "fp64"], "fp64"),
            (["--latency", "--batch", "8"], "leave --batch out"),
            (["--price", "1"], "--price is for --compare"),
            (["--compare", "--price", "0"], "--price must be"),
            (["--compare", "--price", "nan"], "--price must be"),
            (["--precision", "int8", "--arithmetic", "fp32/avx2/openblas-0.3"], "contradict"),
            ([empty, "--batch", "1"], "no audio"), ([missing, "--batch", "1"], "none.wav"),
            ([missing, "--batch", "1", "--batch", "2"], "none.wav"),
            ([scratch.path("nowhere.jsonl")], "nowhere.jsonl"),
        ] as [([String], String)] {
            let result = try Program.run(["benchmark", "--model", Examples.model] + arguments)
            #expect(result.status != 0, "\(arguments)")
            #expect(result.errors.contains(reason), "\(arguments): \(result.errors)")
            #expect(result.output.isEmpty, "\(arguments): \(result.output)")
        }
    }
}
