internal import AudioFolders
internal import Manifests
internal import SpeechTypes
internal import StrictJSON

/// A table with named columns: CSV (RFC 4180) or tabs, its first line the header.
struct ColumnTable: InputForm {
    private let path: PathBytes
    private let delimiter: UInt8
    private let plan: ColumnPlan

    static let page = InputFormPage(
        help: "a table with named columns (.csv, .tsv)", choice: "csv", name: "CSV, TSV",
        recognisedBy: "`.csv`; `.tsv` whose first line names a column of audio",
        rows:
            "a record; columns by [their names](#columns) or `--column audio=NAME`; other columns are kept; relative paths "
            + "start at the table's folder")

    var namesChannels: Bool { plan.places[.channel] != nil && !isOfWholeFiles }

    static func recognise(_ candidate: InputCandidate) throws(ManifestError) -> Self? {
        guard candidate.kind == .regularFile else { return nil }
        let isTSV = candidate.isList(withExtension: ["tsv"])
        guard candidate.isForced || isTSV || candidate.isList(withExtension: ["csv"]) else {
            return nil
        }
        let lines = try DelimitedLines(
            candidate.path, delimiter: isTSV ? UInt8(ascii: "\t") : nil)
        guard let (fields, line) = try lines.next() else {
            guard !isTSV else { return nil }
            throw ManifestError(
                .invalid, candidate.path.text, line: 1,
                "empty; the first line must name the columns")
        }
        // The root of a file list of fairseq is one field.
        if isTSV, !candidate.isForced, fields.count < 2 { return nil }
        var header: [String] = []
        for field in fields { header.append(trimmed(try line.text(field))) }
        do throws(ColumnPlan.Fault) {
            return Self(
                path: candidate.path, delimiter: lines.delimiter,
                plan: try ColumnPlan(
                    header: header, choice: candidate.columns, wholeFiles: isOfWholeFiles))
        } catch {
            throw line.error(error.message)
        }
    }

    /// Hugging Face's name for files of a folder, each of which is a sample.
    private static func isOfWholeFiles(_ audioColumn: String) -> Bool {
        audioColumn.lowercased() == "file_name"
    }

    private var isOfWholeFiles: Bool {
        plan.places[.audio].map { Self.isOfWholeFiles(plan.header[$0]) } ?? false
    }

    func base(_ context: InputContext) throws(ManifestError) -> PathBytes {
        try FilePath.absolute(path).folder
    }

    func forEachRow(
        _ context: InputContext, _ sink: (InputRow) throws(ManifestError) -> Void
    ) throws(ManifestError) -> SkippedEntries {
        let lines = try DelimitedLines(path, delimiter: delimiter)
        // The header.
        _ = try lines.next()
        let names = keptNames
        while let (fields, line) = try lines.next() {
            guard fields.count == plan.header.count else {
                throw line.error(
                    "\(fields.count) fields, but the header has \(plan.header.count)")
            }
            try sink(.described(try row(fields, line, names)))
        }
        return SkippedEntries()
    }

    /// Names of the columns that are kept as they are; nil for those that are parts of the row.
    private var keptNames: [String?] {
        let used = Set(plan.places.filter { $0.key != .channel }.values)
        var taken: Set<String> = []
        return plan.header.indices.map { index in
            guard !used.contains(index), !plan.header[index].isEmpty else { return nil }
            let name = RowDescription.keptName(plan.header[index], taken: taken)
            taken.insert(name)
            return name
        }
    }

    private func row(
        _ fields: [[UInt8]], _ line: InputLine, _ names: [String?]
    ) throws(ManifestError) -> RowDescription {
        func field(_ role: ColumnRole) -> [UInt8]? {
            plan.places[role].flatMap { fields[$0].isEmpty ? nil : fields[$0] }
        }
        func text(_ role: ColumnRole) throws(ManifestError) -> String? {
            guard let field = field(role) else { return nil }
            return try line.text(field)
        }
        func seconds(_ role: ColumnRole) throws(ManifestError) -> DecimalSeconds? {
            guard let field = field(role) else { return nil }
            guard let seconds = DecimalSeconds(field), seconds.nanoseconds >= 0 else {
                throw line.error(
                    "\(role.rawValue) \(try line.text(field)) is not a number of seconds")
            }
            return seconds
        }
        guard let audio = field(.audio) else { throw line.error("names no audio file") }
        var row = RowDescription(PathBytes(bytes: try line.pathBytes(audio)))
        let offset = try seconds(.offset)
        let end = try seconds(.end)
        row.offset = offset?.text
        row.duration = try seconds(.duration)?.text
        if row.duration == nil, let end {
            let start = offset ?? DecimalSeconds(nanoseconds: 0)
            guard end > start else { throw line.error("its end is not behind its start") }
            row.duration = (end - start).text
        }
        // A text that is empty is one: nothing is said.
        if let place = plan.places[.text] { row.text = try line.text(fields[place]) }
        row.id = try text(.id)
        row.speaker = try text(.speaker)
        row.language = try text(.language)
        let channel = try text(.channel)
        row.channel = channel.flatMap { Int($0) }.flatMap { 0..<1_024 ~= $0 ? $0 : nil }
        for (index, name) in names.enumerated() {
            guard let name else { continue }
            if index == plan.places[.channel], row.channel != nil || channel == nil { continue }
            var writer = JSONWriter()
            writer.value(try line.text(fields[index]))
            row.others.append((name, writer.bytes))
        }
        return row
    }

    private static func trimmed(_ text: String) -> String {
        let start = text.drop(while: \.isWhitespace)
        let end = start.lastIndex { !$0.isWhitespace }
        return end.map { String(start[...$0]) } ?? ""
    }
}
