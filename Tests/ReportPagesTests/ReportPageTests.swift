import ReportPages
import StrictJSON
import TemporaryFolders
import Testing
import TranscriptRows

@Suite("An output's report as a page")
struct ReportPageTests {
    private func statistics(_ lines: [String]) throws -> OutputStatistics {
        var statistics = OutputStatistics()
        for (index, line) in lines.enumerated() {
            try Array(line.utf8).withUnsafeBytes {
                statistics.add(try RecordDetails($0, lineNumber: index + 1), line: index + 1)
            }
        }
        return statistics
    }

    private func page(
        _ statistics: OutputStatistics, report: String? = nil, errorRates: String? = nil
    ) throws -> String {
        let object = try report.map { try JSONParser.parse(Array($0.utf8)).object } ?? nil
        return ReportPage(name: "out.jsonl", statistics, report: object, errorRates: errorRates)
            .html
    }

    private let rows = [
        #"{"audio_filepath":"a/1.wav","duration":2.0,"text":"x","pred_text":"one two","confidence":0.97}"#,
        #"{"audio_filepath":"a/2.wav","duration":60,"pred_text":"one two three","confidence":0.5}"#,
        #"{"audio_filepath":"b/3.wav","duration":5,"pred_text":""}"#,
        #"{"audio_filepath":"b/4.wav","status":"rejected","error":{"code":"audio.not_found","message":"it is not there"}}"#,
        #"{"audio_filepath":"b/5.wav","status":"quarantined","error":{"code":"quarantined.source","message":"no answer"}}"#,
        #"{"raw":"{broken","status":"rejected","error":{"code":"manifest.invalid_json","message":"column 2"}}"#,
    ]

    @Test("every row is counted once, where it belongs")
    func counts() throws {
        let statistics = try statistics(rows)
        #expect(statistics.rows == 6)
        #expect(statistics.rowsTranscribed == 3)
        #expect(statistics.rowsByStatus == ["rejected": 2, "quarantined": 1])
        #expect(
            statistics.failures.mapValues(\.rows) == [
                "audio.not_found": 1, "quarantined.source": 1, "manifest.invalid_json": 1,
            ])
        #expect(statistics.failures["audio.not_found"]?.examples.first?.line == 4)
        #expect(statistics.milliseconds == 67_000)
        #expect(statistics.words == 5)
        #expect(statistics.rowsWithoutWords == 1)
        #expect(statistics.rowsWithReference == 1)
        #expect(statistics.folders["b"]?.rows == 3)
        #expect(statistics.folders["b"]?.rowsFailed == 2)
        #expect(statistics.foremostFolders(1).map(\.name) == ["b"])
    }

    @Test("a measure on a bound belongs to the bin above it, and short rows have no rate")
    func bins() throws {
        let statistics = try statistics(rows)
        let durations = Dictionary(
            uniqueKeysWithValues: statistics.durations.bins.map { ($0.label, $0.rows) })
        #expect(durations["2–5 s"] == 1)
        #expect(durations["5–10 s"] == 1)
        #expect(durations["1–5 min"] == 1)
        #expect(durations.values.reduce(0, +) == 3)
        #expect(statistics.confidences.bins.map(\.rows).reduce(0, +) == 2)
        #expect(statistics.confidences.bins[19].rows == 1)
        #expect(statistics.confidences.bins[10].rows == 1)
        // Three words in a minute, and none in five seconds.
        #expect(statistics.rates.bins[0].rows == 1)
        #expect(statistics.rates.bins[1].rows == 1)
        #expect(statistics.rates.bins.map(\.rows).reduce(0, +) == 2)
    }

    @Test("what rows and reports say is text, whatever it looks like")
    func hostile() throws {
        let evil = #"<script>alert(1)</script>\u202e\u0000&"#
        let statistics = try statistics([
            #"{"audio_filepath":"\#(evil)/x.wav","duration":1,"pred_text":"\#(evil)"}"#,
            #"{"audio_filepath":"b/\#(evil)","status":"rejected","error":{"code":"\#(evil)","message":"\#(evil)"}}"#,
        ])
        let html = try page(
            statistics,
            report:
                #"{"job":{"model":"\#(evil)"},"workers":[{"slot":"\#(evil)","rows":1}],"events":[{"run":1,"kind":"x","slot":"","text":"\#(evil)"}]}"#,
            errorRates: "<script>")
        #expect(!html.contains("<script"))
        #expect(!html.contains("\u{202E}"))
        #expect(!html.contains("\u{0}"))
        #expect(html.contains("&lt;script&gt;alert(1)&lt;/script&gt;"))
        #expect(html.contains("default-src 'none'"))
        #expect(!html.contains("http://") && !html.contains("https://"))
    }

    @Test("a million folders and a megabyte of path stay a small page")
    func bounded() throws {
        var statistics = OutputStatistics()
        let long = String(repeating: "x", count: 1 << 20)
        for number in 0..<20_000 {
            let line =
                number == 0
                ? #"{"audio_filepath":"\#(long)","status":"rejected","error":{"code":"a","message":"\#(long)"}}"#
                : #"{"audio_filepath":"f\#(number)/a.wav","duration":1,"pred_text":"a"}"#
            try Array(line.utf8).withUnsafeBytes {
                statistics.add(try RecordDetails($0, lineNumber: number + 1), line: number + 1)
            }
        }
        #expect(statistics.folders.count <= 10_001)
        #expect(statistics.folders.values.reduce(0) { $0 + $1.rows } == 20_000)
        #expect(try page(statistics).utf8.count < 60_000)
    }

    @Test("numbers of the run stand beside those of the rows")
    func report() throws {
        let html = try page(
            statistics(rows),
            report:
                #"{"job":{"model":"m","options":{"chunk":"speech"}},"last_run":{"audio_seconds_per_second":12.34},"coverage":{"speech":3600,"silence":1,"skipped":2},"workers":[{"slot":"h/0","rows":3,"audio_seconds":67}],"runs":2}"#,
            errorRates: "WER 3 %")
        for text in [
            "RTFx 12.3", "job.options.chunk", "1 h 0 min", "h/0", "WER 3 %", "audio.not_found",
        ] {
            #expect(html.contains(text), "\(text)")
        }
    }
}
