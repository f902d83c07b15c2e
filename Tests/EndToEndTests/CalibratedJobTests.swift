import Calibration
import Foundation
import MeasuredRows
import Testing

/// Jobs whose records say what errors are to be expected.
@Suite("Jobs with a calibration")
struct CalibratedJobTests {
    private let scratch: Scratch
    private let manifest: String
    /// Transcribed with features, and with log-probabilities in ``logits``.
    private let out: String
    private let logits: String
    private let calibration: String

    init() throws {
        scratch = try Scratch()
        let rows = try String(contentsOfFile: Examples.manifest, encoding: .utf8)
            .split(separator: "\n").map {
                $0.replacingOccurrences(of: "\"audio/", with: "\"\(Examples.folder)/audio/")
            }
        manifest = scratch.path("rows.jsonl")
        try Data(((rows + rows).joined(separator: "\n") + "\n").utf8)
            .write(to: URL(fileURLWithPath: manifest))
        (out, logits) = (scratch.path("out.jsonl"), scratch.path("logits"))
        calibration = scratch.path("digits.calibration")
        let made = try Program.run([
            "transcribe", manifest, "--model", Examples.model, "-o", out, "--quiet", "--features",
            "--save-logits", logits,
        ])
        #expect(made.status == 0, "\(made.errors)")
        let calibrated = try Program.run(["calibrate", out, "-o", calibration])
        #expect(calibrated.status == 0, "\(calibrated.errors)")
    }

    private func bytes(_ path: String) throws -> Data {
        try Data(contentsOf: URL(fileURLWithPath: path))
    }

    private func records(_ path: String) throws -> [[String: Any]] {
        try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map { line in
            try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        }
    }

    private func transcribe(_ name: String, _ more: String...) throws -> String {
        let path = scratch.path(name)
        let result = try Program.run(
            [
                "transcribe", manifest, "--model", Examples.model, "-o", path, "--quiet",
                "--calibration", calibration,
            ] + more)
        #expect(result.status == 0, "\(result.errors)")
        return path
    }

    /// A calibration that goes by how much is silent, too.
    private func calibrationOfAudio() throws -> String {
        var changed = try CalibrationFile(path: calibration).calibration
        changed.rows.score = LinearScore(
            terms: changed.rows.score.terms + [
                LinearScore.Term(name: "silence_share", mean: 0.2, scale: 0.1, weight: 0.5)
            ], bias: changed.rows.score.bias)
        changed.seen.ranges.append(Calibration.Range(name: "silence_share", low: 0, high: 1))
        let path = scratch.path("audio.calibration")
        try CalibrationFile(changed).write(to: path)
        return path
    }

    @Test(
        "records say what the calibration says of them, whatever the workers, and verify holds them to it"
    )
    func records() throws {
        let one = try transcribe("one.jsonl", "--workers", "1")
        let two = try transcribe("two.jsonl", "--workers", "2", "--threads", "1", "--dedupe")
        let kept = try transcribe("kept.jsonl", "--features")
        #expect(try bytes(one) == bytes(two))
        #expect(try bytes(one) == bytes(kept))
        #expect(try bytes(kept + ".features.jsonl") == bytes(out + ".features.jsonl"))

        let scorer = RowScorer(try CalibrationFile(path: calibration).calibration)
        var reading = RowReading()
        reading.readsWords = true
        let rows = try MeasuredRows(ofOutput: out, features: out + ".features.jsonl", reading)
        for record in try records(one) {
            let row = try #require(try rows.next()).row
            let rate = try #require(record["expected_wer"] as? Double)
            #expect(rate == (min(1, scorer(row).expected) * 10_000).rounded() / 10_000)
            #expect(record["confidence"] as? Double == row.confidence)
            let words = try #require(record["word_timestamps"] as? [[String: Any]])
            let said = words.compactMap { $0["calibrated_confidence"] as? Double }
            #expect(said == scorer.words(of: row).map { ($0 * 10_000).rounded() / 10_000 })
            #expect(!said.isEmpty && record["calibrated_confidence"] as? Double == said.min())
        }
        for output in [one, kept] {
            let verified = try Program.run(["verify", output, "--sample", "all"])
            #expect(verified.status == 0, "\(verified.output)\(verified.errors)")
        }
        // Another calibration makes another job of it.
        let audio = try calibrationOfAudio()
        let other = try Program.run([
            "transcribe", manifest, "--model", Examples.model, "-o", one, "--quiet",
            "--calibration", audio,
        ])
        #expect(other.status == 65, "\(other.errors)")
        let moved = try Program.run(["verify", one, "--calibration", audio])
        #expect(
            moved.status == 65 && moved.errors.contains("the job's calibration"), "\(moved.errors)")
    }

    @Test(
        "stored log-probabilities get the same, and what only audio tells is taken from the features"
    )
    func decode() throws {
        let direct = try records(transcribe("direct.jsonl"))
        let decoded = scratch.path("decoded.jsonl")
        func decode(_ input: String, _ calibration: String) throws -> Program.Result {
            try Program.run([
                "decode", input, "--logits", logits, "-o", decoded, "--quiet", "--overwrite",
                "--calibration", calibration,
            ])
        }
        let first = try decode(out, calibration)
        #expect(first.status == 0, "\(first.errors)")
        for (record, other) in zip(try records(decoded), direct) {
            #expect(record["pred_text"] as? String == other["pred_text"] as? String)
            let (rate, before) = (record["expected_wer"], other["expected_wer"])
            // How long a row was is known by its frames only.
            #expect(abs(try #require(rate as? Double) - #require(before as? Double)) < 0.05)
        }
        let audio = try calibrationOfAudio()
        let second = try decode(out, audio)
        #expect(second.status == 0, "\(second.errors)")
        #expect(try records(decoded).allSatisfy { $0["expected_wer"] is Double })
        let verified = try Program.run(["verify", decoded, "--sample", "7"])
        #expect(verified.status == 0, "\(verified.output)\(verified.errors)")
        // Without them the audio would have to be read.
        try FileManager.default.moveItem(
            atPath: out + ".features.jsonl", toPath: scratch.path("aside"))
        let refused = try decode(out, audio)
        #expect(refused.status == 64)
        #expect(refused.errors.contains("goes by silence_share of the audio"), "\(refused.errors)")
        #expect(try decode(out, calibration).status == 0)
    }

    @Test("a worker without the job's calibration is refused, and finds it below a folder")
    func workers() throws {
        let here = try transcribe("here.jsonl")
        let out = scratch.path("there.jsonl")
        let endpoint = "ipc://" + scratch.path("socket")
        let coordinator = try Program.Running([
            "coordinate", manifest, "--model", Examples.model, "-o", out, "--listen", endpoint,
            "--calibration", calibration,
        ])
        let work = ["work", "--connect", endpoint, "--model", Examples.model]
        let refused = try Program.run(work)
        #expect(refused.status == 65)
        #expect(
            refused.errors.contains("the job's calibration is digits.calibration (sha256 "),
            "\(refused.errors)")
        #expect(refused.errors.contains("--calibration FILE"), "\(refused.errors)")
        let folder = URL(fileURLWithPath: calibration).deletingLastPathComponent().path
        let worker = try Program.run(work + ["--model-root", folder])
        #expect(worker.status == 0, "\(worker.errors)")
        #expect(coordinator.wait().status == 0)
        #expect(try bytes(out) == bytes(here))
    }

    @Test("what cannot be calibrated is refused before anything is done")
    func refusals() throws {
        let damaged = scratch.path("damaged.calibration")
        var text = try String(contentsOfFile: calibration, encoding: .utf8)
        text = text.replacingOccurrences(of: "\"group_field\":\"", with: "\"group_field\":\"x")
        try Data(text.utf8).write(to: URL(fileURLWithPath: damaged))
        for (file, sentence) in [
            (damaged, "its digest is another"), (scratch.path("none"), "cannot open"),
            (manifest, "scriptorium calibrate writes such files"),
        ] {
            let result = try Program.run([
                "transcribe", manifest, "--model", Examples.model, "-o", scratch.path("x.jsonl"),
                "--quiet", "--calibration", file,
            ])
            #expect(result.status == 64, "\(result.status) \(result.errors)")
            #expect(result.errors.contains(sentence), "\(result.errors)")
        }
        let aligned = try Program.run([
            "align", manifest, "--model", Examples.model, "-o", scratch.path("x.jsonl"),
            "--calibration", calibration,
        ])
        #expect(aligned.status == 64)
        #expect(aligned.errors.contains("align is given its texts"), "\(aligned.errors)")
    }
}
