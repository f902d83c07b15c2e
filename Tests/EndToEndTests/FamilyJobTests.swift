import EngineClasses
import Foundation
import ReservedPorts
import Tensors
import Testing

/// Small models of other families than the bundled one's, through the real program.
@Suite("Jobs with models of log-mel families")
struct FamilyJobTests {
    /// A golden case of the reference implementation: a model, recordings, and what it reads in them.
    private struct Case {
        let model: String
        /// Samples of each recording.
        let inputs: [[Float]]
        let texts: [String]

        init(_ name: String) throws {
            let folder = Program.root.appending(path: "Tests/Fixtures/golden/zoo/\(name)")
            model = folder.appending(path: "safetensors").path
            let json = try #require(
                JSONSerialization.jsonObject(
                    with: Data(contentsOf: folder.appending(path: "case.json")))
                    as? [String: Any])
            let files = try #require(json["inputs"] as? [[String: Any]])
                .compactMap { $0["file"] as? String }
            inputs = try files.map { file in
                let bytes = [UInt8](try Data(contentsOf: folder.appending(path: file)))
                let start = 10 + Int(bytes[8]) + Int(bytes[9]) << 8
                return bytes[start...].withUnsafeBytes { raw in
                    (0..<raw.count / 4).map {
                        raw.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self)
                    }
                }
            }
            let sets = try #require(json["expected_sets"] as? [String: Any])
            let runs = try #require(sets["expected"] as? [String: [String: Any]])
            texts = try inputs.indices.map { index in
                let texts = runs["single_\(index)"]?["text_valid_frames_only"] as? [String]
                return try #require(texts?.first)
            }
        }

        /// Writes recordings and a manifest of them.
        ///
        /// - Parameter times: how often each stands in its recording.
        func manifest(in scratch: Scratch, times: Int = 1) throws -> String {
            var lines = ""
            for (index, samples) in inputs.enumerated() {
                let name = "\(times)-\(index).wav"
                try Self.wave((0..<times).flatMap { _ in samples })
                    .write(to: URL(fileURLWithPath: scratch.path(name)))
                lines += "{\"audio_filepath\": \"\(name)\"}\n"
            }
            let path = scratch.path("\(times).jsonl")
            try Data(lines.utf8).write(to: URL(fileURLWithPath: path))
            return path
        }

        /// A WAVE file of 32-bit floats, 16 kHz, mono.
        private static func wave(_ samples: [Float]) -> Data {
            func little(_ value: Int, _ count: Int) -> Data {
                Data((0..<count).map { UInt8(value >> (8 * $0) & 0xFF) })
            }
            let size = 4 * samples.count
            var data = Data("RIFF".utf8) + little(36 + size, 4) + Data("WAVEfmt ".utf8)
            data += little(16, 4) + little(3, 2) + little(1, 2) + little(16_000, 4)
            data += little(64_000, 4) + little(4, 2) + little(32, 2)
            data += Data("data".utf8) + little(size, 4)
            return samples.reduce(into: data) { $0 += little(Int($1.bitPattern), 4) }
        }
    }

    private static let names = ["hf_w2v_bert_plain", "hf_w2v_bert_adapter", "hf_parakeet_ctc"]

    private func words(_ text: String) -> [Substring] { text.split(separator: " ") }

    @Test("the texts are those of the reference, and the output verifies", arguments: names)
    func texts(name: String) throws {
        let golden = try Case(name)
        let scratch = try Scratch()
        let manifest = try golden.manifest(in: scratch)
        let out = scratch.path("out.jsonl")
        let result = try Program.run([
            "transcribe", manifest, "--model", golden.model, "--precision", "fp32", "-o", out,
        ])
        #expect(result.status == 0, "\(result.errors)")
        let records = try Record.read(out)
        #expect(records.map { words($0.predictedText) } == golden.texts.map { words($0) })
        let verified = try Program.run(["verify", out])
        #expect(verified.status == 0, "\(verified.errors)")
        let inspected = try Program.run(["inspect", golden.model])
        #expect(inspected.status == 0 && inspected.output.contains("mel bins"))
    }

    @Test(
        "workers of a cluster give the bytes of one process, of cut recordings too",
        arguments: names)
    func cluster(name: String) throws {
        let golden = try Case(name)
        let scratch = try Scratch()
        // Longer than one pass.
        let manifest = try golden.manifest(in: scratch, times: 60)
        let alone = scratch.path("alone.jsonl")
        #expect(
            try Program.run([
                "transcribe", manifest, "--model", golden.model, "-o", alone, "--workers", "1",
                "--threads", "2",
            ]).status == 0)
        #expect(try Record.read(alone).allSatisfy { $0.status == "transcribed" })
        let endpoint = try ReservedPort().endpoint
        let out = scratch.path("out.jsonl")
        let coordinator = try Program.Running([
            "coordinate", manifest, "--model", golden.model, "-o", out, "--listen", endpoint,
            "--insecure-plaintext",
        ])
        let workers = try (0..<2).map { index in
            try Program.Running([
                "work", "--connect", endpoint, "--insecure-plaintext", "--model", golden.model,
                "--threads", "1", "--slot", "test/\(index)",
            ])
        }
        try coordinator.holdUntil(workers: workers.count, ofOutput: out)
        let result = coordinator.wait()
        #expect(result.status == 0, "\(result.errors)")
        for worker in workers { #expect(worker.wait().status == 0) }
        #expect(
            try Data(contentsOf: URL(fileURLWithPath: out))
                == Data(contentsOf: URL(fileURLWithPath: alone)))
    }

    @Test(
        "narrow precisions transcribe, and the output verifies", arguments: EngineClass.narrowHere,
        names)
    func precisions(named: EngineClass, name: String) throws {
        let golden = try Case(name)
        let scratch = try Scratch()
        let out = scratch.path("out.jsonl")
        let result = try Program.run([
            "transcribe", try golden.manifest(in: scratch), "--model", golden.model, "--precision",
            named.precision.rawValue, "--arithmetic", named.instructionSet.rawValue, "-o", out,
        ])
        #expect(result.status == 0, "\(result.errors)")
        #expect(try Record.read(out).allSatisfy { $0.status == "transcribed" })
        #expect(try Program.run(["verify", out]).status == 0)
    }
}
