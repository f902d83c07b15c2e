package import StrictJSON

/// An output's report as one page, without scripts and without parts that are elsewhere.
package struct ReportPage {
    private let name: String
    private let statistics: OutputStatistics
    private let report: JSONObject?
    private let errorRates: String?

    private static let foldersShown = 25
    private static let eventsShown = 100
    private static let workersShown = 200

    /// - Parameters:
    ///   - report: what `OUT.report.json` holds; nil where it is missing.
    ///   - errorRates: what `evaluate` says of the output; nil where rows have no reference.
    package init(
        name: String, _ statistics: OutputStatistics, report: JSONObject?, errorRates: String?
    ) {
        self.name = name
        self.statistics = statistics
        self.report = report
        self.errorRates = errorRates
    }

    package var html: String {
        let sections = [
            summary, errorRateSection, pictures, failures, folders, workers, provenance, events,
        ]
        return """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
            <title>\(HTML.escaped(name)): report</title>
            <style>
            \(Self.style)
            </style>
            </head>
            <body>
            <header><h1>\(HTML.escaped(name))</h1></header>
            <main>
            \(sections.compactMap { $0 }.joined(separator: "\n"))
            </main>
            </body>
            </html>

            """
    }

    private static func section(_ title: String, _ body: String) -> String {
        "<section><h2>\(HTML.escaped(title))</h2>\n\(body)</section>"
    }

    // MARK: Sections

    private var summary: String {
        let rows = statistics.rows
        var tiles = [
            ("Rows", ReportText.count(rows)),
            (
                "Transcribed",
                "\(ReportText.count(statistics.rowsTranscribed)) (\(ReportText.percent(statistics.rowsTranscribed, of: rows)))"
            ),
        ]
        tiles += statistics.rowsByStatus.sorted { $0.key < $1.key }.map {
            (capitalized($0.key), ReportText.count($0.value))
        }
        tiles.append(("Audio", ReportText.time(statistics.milliseconds)))
        tiles.append(("Words", ReportText.count(statistics.words)))
        if statistics.milliseconds > 0 {
            let rate = Double(statistics.words) * 60_000 / Double(statistics.milliseconds)
            tiles.append(("Words a minute", ReportText.fixed(rate)))
        }
        tiles.append(("Transcripts without a word", ReportText.count(statistics.rowsWithoutWords)))
        if let speed = report?["last_run"]?.object?["audio_seconds_per_second"]?.double, speed > 0 {
            tiles.append(("Speed of the last run", "RTFx \(ReportText.fixed(speed))"))
        }
        for (part, title) in [
            ("speech", "Speech"), ("silence", "Silence, computed"), ("skipped", "Not computed"),
        ] {
            if let seconds = report?["coverage"]?.object?[part]?.double {
                tiles.append((title, ReportText.time(Int(seconds * 1_000))))
            }
        }
        let items = tiles.map {
            "<div><dt>\(HTML.escaped($0.0))</dt><dd>\(HTML.escaped($0.1))</dd></div>"
        }
        return Self.section("Summary", "<dl class=\"tiles\">\(items.joined(separator: "\n"))</dl>")
    }

    private var errorRateSection: String? {
        errorRates.map { Self.section("Error rates", "<pre>\(HTML.escaped($0))</pre>") }
    }

    private var pictures: String? {
        let histograms = [
            ("Length of rows", statistics.durations), ("Confidence", statistics.confidences),
            ("Words a minute, of rows of 3 s and more", statistics.rates),
        ]
        let figures = histograms.filter { !$0.1.isEmpty }.map {
            "<figure><figcaption>\(HTML.escaped($0.0))</figcaption>\n"
                + HistogramPicture.svg($0.1, name: $0.0) + "</figure>"
        }
        guard !figures.isEmpty else { return nil }
        return Self.section(
            "What the rows are like",
            "<div class=\"figures\">\(figures.joined(separator: "\n"))</div>")
    }

    private var failures: String {
        guard !statistics.failures.isEmpty else {
            return Self.section("Rows without a transcript", "<p>None.</p>")
        }
        let sorted = statistics.failures.sorted {
            ($1.value.rows, $0.key) < ($0.value.rows, $1.key)
        }
        var body = HTML.table(
            "Rows without a transcript, by code",
            [("Code", false), ("Rows", true), ("Share", true)],
            sorted.map {
                [
                    $0.key, ReportText.count($0.value.rows),
                    ReportText.percent($0.value.rows, of: statistics.rows),
                ]
            })
        for (code, failures) in sorted {
            let examples = failures.examples.map {
                "<li>line \($0.line): <code>\(HTML.escaped($0.audio))</code> \(HTML.escaped($0.message))</li>"
            }
            let first =
                failures.rows > examples.count
                ? "the first \(examples.count) of \(ReportText.count(failures.rows)) rows"
                : failures.rows == 1 ? "the row" : "all rows"
            body +=
                "<details><summary>\(HTML.escaped(code)): \(first)</summary><ul>"
                + examples.joined(separator: "\n") + "</ul></details>\n"
        }
        if let quarantined = statistics.rowsByStatus["quarantined"], quarantined > 0 {
            body +=
                "<p>Quarantined rows are tried again by the same command with "
                + "<code>--retry-quarantined</code>.</p>\n"
        }
        return Self.section("Rows without a transcript", body)
    }

    private var folders: String? {
        guard statistics.folders.count > 1 else { return nil }
        let shown = statistics.foremostFolders(Self.foldersShown)
        var body = HTML.table(
            "Folders with the most failures, then with the most rows",
            [
                ("Folder", false), ("Rows", true), ("Failed", true), ("Share", true),
                ("Audio", true),
            ],
            shown.map {
                [
                    $0.name, ReportText.count($0.folder.rows),
                    ReportText.count($0.folder.rowsFailed),
                    ReportText.percent($0.folder.rowsFailed, of: $0.folder.rows),
                    ReportText.time($0.folder.milliseconds),
                ]
            })
        if statistics.folders.count > shown.count {
            body +=
                "<p>\(shown.count) of \(ReportText.count(statistics.folders.count)) folders.</p>\n"
        }
        return Self.section("Folders", body)
    }

    private var workers: String? {
        guard let workers = report?["workers"]?.array, !workers.isEmpty else { return nil }
        let rows = workers.prefix(Self.workersShown).map { worker in
            [
                worker.object?["slot"]?.string ?? "",
                ReportText.count(worker.object?["rows"]?.int ?? 0),
                ReportText.time(Int((worker.object?["audio_seconds"]?.double ?? 0) * 1_000)),
            ]
        }
        var body = HTML.table(
            "Workers", [("Slot", false), ("Rows", true), ("Audio", true)], Array(rows))
        if workers.count > rows.count {
            body += "<p>\(rows.count) of \(workers.count) workers.</p>\n"
        }
        return Self.section("Workers", body)
    }

    private var provenance: String? {
        guard let report else { return nil }
        var rows: [[String]] = []
        for name in ["job", "output", "last_run"] {
            if let part = report[name] { Self.flatten(part, name, into: &rows) }
        }
        for name in ["runs", "leases", "leases_lost"] {
            if let number = report[name]?.int { rows.append([name, ReportText.count(number)]) }
        }
        guard !rows.isEmpty else { return nil }
        return Self.section(
            "Where it comes from",
            HTML.table("From the job's report", [("What", false), ("Value", false)], rows))
    }

    private var events: String? {
        guard let events = report?["events"]?.array, !events.isEmpty else { return nil }
        let rows = events.suffix(Self.eventsShown).map { event in
            [
                event.object?["run"]?.int.map(String.init) ?? "",
                event.object?["kind"]?.string ?? "", event.object?["slot"]?.string ?? "",
                event.object?["text"]?.string ?? "",
            ]
        }
        return Self.section(
            "Events",
            HTML.table(
                events.count > rows.count ? "The last \(rows.count) of \(events.count)" : "All",
                [("Run", true), ("Kind", false), ("Worker", false), ("What", false)], Array(rows)))
    }

    // MARK: Values

    /// Members of members as `a.b`.
    private static func flatten(_ value: JSONValue, _ name: String, into rows: inout [[String]]) {
        if let object = value.object {
            for member in object.members {
                flatten(member.value, "\(name).\(member.key)", into: &rows)
            }
        } else if let text = value.string {
            rows.append([name, text])
        } else if let number = value.int {
            rows.append([name, String(number)])
        } else if let number = value.double {
            rows.append([name, String(number)])
        } else if let flag = value.bool {
            rows.append([name, flag ? "yes" : "no"])
        }
    }

    private func capitalized(_ word: String) -> String {
        word.prefix(1).uppercased() + word.dropFirst()
    }

    private static let style = """
        :root{--ink:#1b2129;--dim:#57606a;--paper:#fff;--card:#f4f6f8;--line:#d0d7de;--mark:#0a62c9}
        @media (prefers-color-scheme:dark){:root{--ink:#e6edf3;--dim:#9aa5b1;--paper:#0f141a;--card:#171e26;--line:#303a45;--mark:#6cb0ff}}
        *{box-sizing:border-box}
        body{margin:0 auto;max-width:76rem;padding:1rem;background:var(--paper);color:var(--ink);font:16px/1.45 system-ui,sans-serif}
        h1{font-size:1.4rem;margin:0;overflow-wrap:anywhere}h2{font-size:1.05rem;margin:0 0 .6rem}
        section{background:var(--card);border:1px solid var(--line);border-radius:.5rem;padding:1rem;margin:1rem 0}
        .tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(10rem,1fr));gap:.8rem;margin:0}
        dt,figcaption,caption{color:var(--dim);font-size:.88rem;text-align:left}dd{margin:0;font-size:1.1rem}
        .figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,24rem),1fr));gap:1rem}figure{margin:0}
        svg{width:100%;height:auto}svg text{fill:var(--dim);font:11px system-ui,sans-serif}.bar{fill:var(--mark)}.axis{stroke:var(--dim)}
        .scroll{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:.92rem}
        th,td{text-align:left;padding:.25rem .8rem .25rem 0;border-bottom:1px solid var(--line);vertical-align:top;overflow-wrap:anywhere}
        .n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
        code,pre{font-family:ui-monospace,monospace;font-size:.88rem;overflow-wrap:anywhere}pre{overflow-x:auto;white-space:pre}
        summary{cursor:pointer}:focus-visible{outline:3px solid var(--mark)}li{unicode-bidi:plaintext}
        """
}
