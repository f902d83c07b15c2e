import Foundation
import Testing

@Suite("scriptorium calibrate, select and compare")
struct LabelsTests {
    /// The bundled recordings, twice, transcribed with features.
    private func output(in scratch: Scratch) throws -> String {
        let rows = try String(contentsOfFile: Examples.manifest, encoding: .utf8)
            .split(separator: "\n").map {
                $0.replacingOccurrences(of: "\"audio/", with: "\"\(Examples.folder)/audio/")
            }
        let manifest = scratch.path("rows.jsonl"), out = scratch.path("out.jsonl")
        try Data(((rows + rows).joined(separator: "\n") + "\n").utf8)
            .write(to: URL(fileURLWithPath: manifest))
        let result = try Program.run([
            "transcribe", manifest, "--model", Examples.model, "-o", out, "--quiet", "--features",
            "--dedupe",
        ])
        #expect(result.status == 0, "\(result.errors)")
        return out
    }

    private func lines(_ path: String) throws -> [String] {
        try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map(String.init)
    }

    @Test("from an output to a calibration, to a corpus, to the same corpus again")
    func wholeWay() throws {
        let scratch = try Scratch()
        let out = try output(in: scratch)
        let rows = try lines(out).count
        let calibration = scratch.path("x.calibration")
        let calibrated = try Program.run(["calibrate", out, "-o", calibration])
        #expect(calibrated.status == 0, "\(calibrated.errors)")
        #expect(calibrated.output.contains("area under risk and coverage of rows"))
        let chosen = scratch.path("chosen")
        let selected = try Program.run([
            "select", out, "--calibration", calibration, "--wer", "4%", "--seconds", "0.2..60",
            "--level=-60..0", "--split", "80/20", "-o", chosen,
        ])
        #expect(selected.status == 0, "\(selected.errors)")
        #expect(selected.output.contains("expected    WER"), "\(selected.output)")
        let train = try lines(chosen + "/train.jsonl"), valid = try lines(chosen + "/valid.jsonl")
        let rejected = try lines(chosen + "/rejected.jsonl")
        #expect(train.count + valid.count + rejected.count == rows)
        let table = try Program.run([
            "select", out, "--calibration", calibration, "--wer", "4%", "--seconds", "0.2..60",
            "--level=-60..0", "--json",
        ])
        let told = try #require(
            JSONSerialization.jsonObject(with: Data(table.output.utf8)) as? [String: Any])
        let counts = try #require(told["rows"] as? [String: Any])
        #expect(counts["read"] as? Int == rows)
        #expect(counts["kept"] as? Int == train.count + valid.count)
        #expect((told["points"] as? [[String: Any]])?.last?["expected_wer"] is Double)
        #expect(!train.isEmpty && !valid.isEmpty)
        // Kept rows are records with one member more, and may be exported.
        let records = Set(try lines(out).map { $0.dropLast() })
        for line in train + valid {
            let end = try #require(line.range(of: ",\"expected_wer\":", options: .backwards))
            #expect(records.contains(line[..<end.lowerBound]))
        }
        let exported = try Program.run([
            "export", chosen + "/train.jsonl", "--format", "nemo", "-o",
            scratch.path("train.nemo.jsonl"),
        ])
        #expect(exported.status == 0, "\(exported.errors)")
        #expect(try lines(scratch.path("train.nemo.jsonl")).count == train.count)
        // Again, to the same bytes.
        let again = scratch.path("again")
        let replayed = try Program.run([
            "select", "--replay", chosen + "/card.json", "-o", again,
        ])
        #expect(replayed.status == 0, "\(replayed.errors)")
        let names = try FileManager.default.contentsOfDirectory(atPath: chosen).sorted()
        #expect(names.count == 7)
        for name in names {
            #expect(
                try Data(contentsOf: URL(fileURLWithPath: "\(chosen)/\(name)"))
                    == Data(contentsOf: URL(fileURLWithPath: "\(again)/\(name)")), "\(name)")
        }
        let page = try String(contentsOfFile: chosen + "/README.md", encoding: .utf8)
        #expect(page.contains("model: ") && page.contains("CC-BY-SA-4.0"), "\(page)")
    }

    private func objects(_ path: String) throws -> [[String: Any]] {
        try lines(path).map {
            try #require(JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
        }
    }

    /// Runs commands that must end well.
    private func run(_ commands: [String]...) throws {
        for command in commands {
            let result = try Program.run(command)
            #expect(result.status == 0, "\(command): \(result.errors)")
        }
    }

    /// Rows as training takes them: of 2 to 20 s, one behind the other.
    private func expectTrainingRows(_ rows: [[String: Any]], before seconds: Double) throws {
        var end = 0.0
        for row in rows {
            let (start, length) = try (
                #require(row["offset"] as? Double), #require(row["duration"] as? Double)
            )
            #expect((2...20).contains(length), "\(start): \(length)")
            #expect(start >= end - 1e-6, "\(start) is before \(end)")
            end = start + length
        }
        #expect(end <= seconds + 1e-6 && end > seconds - 5)
    }

    @Test(
        "a long recording becomes rows of 2 to 20 s, heard or of a known text, and the best are kept"
    )
    func longRecording() throws {
        let scratch = try Scratch()
        let wave = scratch.path("long.wav")
        let words = try SpokenDigits.writePhrases(24, to: wave)
        let known = scratch.path("known.jsonl"), first = scratch.path("first.jsonl")
        try Data(
            #"{"audio_filepath":"\#(wave)","text":"\#(words.joined(separator: " "))"}\#n"#.utf8
        ).write(to: URL(fileURLWithPath: known))
        let model = ["--model", Examples.model, "--quiet"]
        let segments = ["--format", "nemo", "--rows", "segments", "--segment-seconds", "2..20"]
        let rows = scratch.path("rows.jsonl"), output = scratch.path("out.jsonl")
        try run(
            ["transcribe", known, "--chunk", "speech", "-o", first] + model,
            ["export", first, "-o", rows] + segments,
            ["transcribe", rows, "--features", "-o", output] + model)
        let record = try #require(objects(first).first)
        let seconds = try #require(record["duration"] as? Double)
        #expect(seconds > 80)
        let heard = try objects(rows)
        #expect(heard.count >= 5)
        try expectTrainingRows(heard, before: seconds)
        #expect(
            heard.compactMap { $0["text"] as? String }.joined(separator: " ")
                == record["pred_text"] as? String)

        // The surest half, with their places in the recording.
        let chosen = scratch.path("chosen"), train = scratch.path("train.jsonl")
        let half = try objects(output).reduce(0) { $0 + ($1["duration"] as? Double ?? 0) } / 2
        try run(
            [
                "select", output, "--seconds", "2..20", "--hours", "\(half / 3_600)", "-o", chosen,
            ], ["export", chosen + "/selected.jsonl", "--format", "nemo", "-o", train])
        let kept = try objects(chosen + "/selected.jsonl")
        let left = try objects(chosen + "/rejected.jsonl")
        #expect(kept.count + left.count == heard.count && !kept.isEmpty && !left.isEmpty)
        var sureness: [Double: Double] = [:]
        for row in try objects(output) {
            let offset = try #require(row["offset"] as? Double)
            sureness[offset] = try #require(row["confidence"] as? Double)
        }
        let least = kept.compactMap { ($0["offset"] as? Double).flatMap { sureness[$0] } }.min()
        let limit = try #require(least)
        for row in left {
            let place = try #require(row["row"] as? Int)
            let offset = try #require(heard[place]["offset"] as? Double)
            let confidence = try #require(sureness[offset])
            #expect(confidence <= limit)
        }
        #expect(
            try objects(train).map { $0["offset"] as? Double }
                == kept.map { $0["offset"] as? Double })

        // With its text: lines of a book are put on the recording, cut likewise, and put on their cuts again.
        let aligned = scratch.path("aligned.jsonl"), cuts = scratch.path("cuts.jsonl")
        let again = scratch.path("again.jsonl"), best = scratch.path("best")
        try run(
            ["align", known, "-o", aligned] + model, ["export", aligned, "-o", cuts] + segments,
            ["align", cuts, "-o", again] + model,
            ["select", again, "--seconds", "2..20", "--min-confidence", "0.05", "-o", best])
        let texts = try objects(cuts)
        try expectTrainingRows(texts, before: seconds)
        #expect(
            texts.compactMap { $0["text"] as? String }.joined(separator: " ").split(separator: " ")
                .map(String.init) == words)
        let sure = try objects(best + "/selected.jsonl")
        #expect(!sure.isEmpty)
        for row in sure {
            #expect(try #require(row["confidence"] as? Double) >= 0.05)
            #expect(
                row["alignment"] != nil && row["pred_text"] as? String == row["text"] as? String)
        }
    }

    @Test("lengths of segments that cannot be are refused")
    func segmentSeconds() throws {
        for (arguments, sentence) in [
            (["--segment-seconds", "2..20"], "--rows segments"),
            (["--rows", "segments", "--segment-seconds", "15..20"], "--segment-seconds"),
            (["--rows", "segments", "--segment-seconds", "twenty"], "--segment-seconds"),
        ] {
            let result = try Program.run(
                ["export", "out.jsonl", "--format", "nemo", "-o", "x"] + arguments)
            #expect(result.status == 64 && result.errors.contains(sentence), "\(result.errors)")
        }
    }

    @Test("two outputs are compared, and a page of rows to review plays what is there")
    func compares() throws {
        let scratch = try Scratch()
        let out = try output(in: scratch), other = scratch.path("other.jsonl")
        let changed = try lines(out).enumerated().map { row, line in
            row == 3
                ? line.replacingOccurrences(
                    of: #""pred_text":"[^"]*""#, with: #""pred_text":"NINE NINE""#,
                    options: .regularExpression) : line
        }
        try Data((changed.joined(separator: "\n") + "\n").utf8)
            .write(to: URL(fileURLWithPath: other))
        let result = try Program.run(["compare", out, other])
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.output.contains("1 changed"), "\(result.output)")
        #expect(result.output.contains("may be chance"), "\(result.output)")
        let page = scratch.path("review.html")
        let review = try Program.run(["compare", out, other, "--review", "5", "--page", page])
        #expect(review.status == 0, "\(review.errors)")
        #expect(review.output.split(separator: "\n").count == 2, "\(review.output)")
        let html = try String(contentsOfFile: page, encoding: .utf8)
        let start = try #require(html.range(of: "src=\"file://"))
        let address = html[start.upperBound...].prefix { $0 != "#" && $0 != "\"" }
        let path = try #require(String(address).removingPercentEncoding)
        #expect(FileManager.default.fileExists(atPath: path))
    }

    @Test("of a recording in several codecs one row is kept, and rows of other recordings all are")
    func sameRecording() throws {
        let scratch = try Scratch()
        let formats = "\(Examples.folder)/../../Tests/Fixtures/audio/formats"
        let same = [
            "s16.au", "gsm610_8k.wav", "opus_voip_12k.opus", "mp3_vbr_44100_joint.mp3",
            "vorbis_44100.ogg",
        ].map { "\(formats)/\($0)" }
        let others = [
            "string_george_8k.flac", "string_jackson_16k.wav", "string_nicolas_16k.flac",
            "string_theo_8k.flac",
        ].map { "audio/\($0)" }
        let rows = (same + others).enumerated().map { number, path in
            #"{"audio_filepath":"\#(path)","pred_text":"ONE TWO","confidence":0.\#(9 - number)00,"#
                + #""status":"transcribed"}"#
        }
        let out = scratch.path("out.jsonl"), chosen = scratch.path("chosen")
        try Data((rows.joined(separator: "\n") + "\n").utf8).write(to: URL(fileURLWithPath: out))
        let selected = try Program.run([
            "select", out, "--duplicate-audio", "--audio-root", Examples.folder, "-o", chosen,
        ])
        #expect(selected.status == 0, "\(selected.errors)")
        #expect(
            selected.output.contains("4: the recording of a row that is kept"),
            "\(selected.output)")
        #expect(try lines(chosen + "/selected.jsonl") == [rows[0]] + rows[same.count...])
        let replayed = try Program.run([
            "select", "--replay", chosen + "/card.json", "-o", scratch.path("again"),
        ])
        #expect(replayed.status == 0, "\(replayed.errors)")
        let nowhere = try Program.run([
            "select", out, "--duplicate-audio", "--audio-root", scratch.path("nowhere"),
        ])
        #expect(nowhere.status == 0, "recordings with a whole path are there: \(nowhere.errors)")
        #expect(nowhere.output.contains("4: something that is asked for was not measured"))
    }

    @Test("what cannot be done is said with what helps")
    func refusals() throws {
        let scratch = try Scratch()
        let none = try Program.run(["select", scratch.path("none.jsonl"), "--hours", "3"])
        #expect(none.status == 64, "\(none.errors)")
        let plain = scratch.path("plain.jsonl")
        try Data(
            #"{"audio_filepath":"a.wav","duration":1,"pred_text":"ONE","status":"transcribed"}"#
                .utf8
        ).write(to: URL(fileURLWithPath: plain))
        let wer = try Program.run(["select", plain, "--wer", "5%"])
        #expect(wer.status == 64)
        #expect(wer.errors.contains("--calibration"), "\(wer.errors)")
        let share = try Program.run(["select", "out.jsonl", "--wer", "five"])
        #expect(share.errors.contains("such as 5% or 0.05"), "\(share.errors)")
        let range = try Program.run(["select", "out.jsonl", "--seconds", "20"])
        #expect(range.errors.contains("1..20"), "\(range.errors)")
        let text = scratch.path("text.jsonl")
        try Data("no record\n".utf8).write(to: URL(fileURLWithPath: text))
        for arguments in [
            ["calibrate", text, "-o", scratch.path("x")], ["select", text],
            ["compare", text, text],
        ] {
            let result = try Program.run(arguments)
            #expect(result.status == 64, "\(arguments): \(result.errors)")
            #expect(result.errors.contains("\(text):1"), "\(arguments): \(result.errors)")
        }
    }
}
