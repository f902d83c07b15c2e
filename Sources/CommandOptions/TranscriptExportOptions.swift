package import ArgumentParser
internal import Files
internal import Glibc
internal import JobLaunch
internal import JobVerification
internal import Manifests
internal import Processes
internal import Provenance
internal import RemoteAudio
internal import SpeechTypes
package import SubtitleCues
internal import Threading
package import TranscriptFormats
package import TranscriptParts
internal import TranscriptRows

/// What `export` needs to know to write a transcript in another format.
package struct TranscriptExportOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Write the transcripts as one of: \(formatNames).", valueName: "name"))
    package var format: String?

    @Option(
        name: [.customShort("o"), .long],
        help: ArgumentHelp(
            "Where the file or the folder of files goes: a path, or s3://BUCKET/KEY.",
            valueName: "path"),
        completion: .file())
    package var output: String?

    @Flag(help: "Write each recording's file next to the recording.")
    package var beside = false

    @Option(
        help: ArgumentHelp(
            "What a row of the export is: records, or segments (each stretch of speech by itself, cut out of "
                + "its record with its words; rttm and segments have nothing else).",
            valueName: "kind"))
    package var rows: ExportedRows?

    @Option(
        help: ArgumentHelp(
            "With --rows segments: how many seconds a row may have. Longer segments are cut at their longest "
                + "pauses, shorter ones joined where the silence between them is short.",
            valueName: "least..most"))
    package var segmentSeconds: SegmentLengths?

    @Option(
        help: ArgumentHelp("Only rows of this speaker; may be repeated.", valueName: "name"))
    package var speaker: [String] = []

    @Flag(help: "Replace files that are there.")
    package var replace = false

    @Option(
        help: ArgumentHelp(
            "The folder in which relative paths of the rows start, if it is not the one that the "
                + "job's report names.", valueName: "folder"),
        completion: .directory)
    package var audioRoot: String?

    @Option(
        help: ArgumentHelp("The language (json), where rows name none.", valueName: "name"))
    package var language: String?

    @Flag(help: "Files of lhotse as .jsonl.gz.")
    package var gzip = false

    @Option(help: ArgumentHelp("What the files of fairseq are called.", valueName: "name"))
    package var split = "train"

    @Option(help: ArgumentHelp("Rows in an archive of webdataset.", valueName: "count"))
    package var shardRows = 10_000

    @OptionGroup package var keys: StoreKeyOptions

    @OptionGroup(title: "Subtitles")
    package var subtitles: SubtitleArguments

    package static var formatNames: String {
        TranscriptFormats.all.map(\.name).joined(separator: ", ")
    }

    /// The table of formats for `--help`.
    package static var formatTable: String {
        let width = (TranscriptFormats.all.map(\.name.count).max() ?? 0) + 2
        let layouts: [ExportLayout] = [.fileForEachRecording, .oneFile, .folder]
        return layouts.map { layout in
            let formats = TranscriptFormats.all.filter { $0.layout == layout }.map { format in
                let name = format.name + String(repeating: " ", count: width - format.name.count)
                return "  \(name)\(format.summary)"
            }
            return "as \(layout.rawValue):\n" + formats.joined(separator: "\n")
        }.joined(separator: "\n")
    }

    package init() {}

    package func validate() throws {
        guard let format else {
            guard output == nil, !beside, rows == nil else {
                throw ValidationError("say with --format how the transcripts are written")
            }
            return
        }
        guard let named = TranscriptFormats.named(format) else {
            throw ValidationError(
                "\(format) is no format; the formats are \(Self.formatNames)")
        }
        guard segmentSeconds == nil || rows == .segments && !(named is any BoundaryFormat) else {
            throw ValidationError(
                "--segment-seconds is of rows that are segments: give --rows segments, and a format "
                    + "with texts")
        }
        guard beside != (output != nil) else {
            throw ValidationError(
                "say where the files go: with -o, or with --beside next to each recording")
        }
        guard output != "-" else {
            throw ValidationError("an export is whole or absent, so it is a file; name one")
        }
        guard (1...100_000_000).contains(shardRows) else {
            throw ValidationError("--shard-rows is at least 1")
        }
        guard !split.isEmpty, !split.contains("/") else {
            throw ValidationError("--split is a name without slashes")
        }
        if let problem = subtitles.options.problem { throw ValidationError(problem) }
    }

    /// Writes the output at `path` in the format, and says in a sentence what was written.
    ///
    /// - Throws: what is wrong with the output, the format's own demands, or the disk.
    package func run(outputAt path: String) throws -> String {
        guard
            let object = try ObjectOutput.named(
                output, asksForKeys: keys.allowMetadataEndpoint)
        else {
            return try runHere(outputAt: path)
        }
        // In a folder that goes away: an export is made anew from the output at any time.
        let folder = try ScratchFolder()
        var local = self
        let place = "\(folder.path)/\(object.localName)"
        local.output = place
        let sentence = try local.runHere(outputAt: path)
        var status = stat()
        do throws(UploadError) {
            if stat(place, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
                try object.sendFolder(place)
            } else {
                try object.send(place)
            }
        } catch {
            throw CommandFailure(ExitStatus.storage, "\(error)")
        }
        return sentence.replacing(place, with: object.address)
    }

    private func runHere(outputAt path: String) throws -> String {
        guard let name = format, let format = TranscriptFormats.named(name) else {
            preconditionFailure("validated")
        }
        if access(path, F_OK) != 0 { throw CommandFailure.noOutput(path) }
        if let output, let place = PathBytes(output).resolved, place == PathBytes(path).resolved {
            throw CommandFailure(
                ExitStatus.usage, "\(output) is what is exported; choose another place")
        }
        let report = try? ReportFile.read(ReportFile.path(ofOutput: path))
        let root =
            try audioRoot.map { root throws(ManifestError) in try FilePath.absolute(root) }
            ?? report?.folder ?? FilePath.folder(of: FilePath.absolute(path))
        var context = ExportContext(
            recordings: ExportedRecordings(root: PathBytes(root)), subtitles: subtitles.options)
        context.compresses = gzip
        context.shardRowsMax = shardRows
        context.split = split
        context.language = language
        context.spreadsText = subtitles.spread
        var export = TranscriptExport(
            format, to: output.map { .path($0) } ?? .besideRecordings, context)
        export.speakers = Set(speaker)
        export.replaces = replace
        export.rows = rows ?? .records
        export.lengths = segmentSeconds
        let summary = try LongWork.named("exporting \(path)", .bytes) {
            try export.run(outputAt: path)
        }
        return sentence(summary, format)
    }

    private func sentence(
        _ summary: TranscriptExport.Summary, _ format: any TranscriptFormat
    ) -> String {
        let files =
            format.layout == .fileForEachRecording
            ? "\(summary.files) \(format.name) files" : format.name
        let place = output.map { "in \($0)" } ?? "beside the recordings"
        let isOfSegments = rows == .segments || format is any BoundaryFormat
        let exported =
            isOfSegments
            ? "\(summary.segments) segments of \(summary.rows) rows" : "\(summary.rows) rows"
        var parts = ["\(exported) exported as \(files) \(place)"]
        if summary.rowsWithoutSpeech > 0 {
            parts.append("\(summary.rowsWithoutSpeech) without speech left out")
        }
        if summary.rowsWithoutTranscript > 0 {
            parts.append("\(summary.rowsWithoutTranscript) without a transcript left out")
        }
        if summary.rowsOfOthers > 0 {
            parts.append("\(summary.rowsOfOthers) of other speakers left out")
        }
        return parts.joined(separator: "; ")
    }
}

extension ExportedRows: ExpressibleByArgument {}

extension SegmentLengths: ExpressibleByArgument {
    /// Seconds such as `2..20`; what is left out is 0 or 30.
    package init?(argument: String) {
        guard let dots = argument.firstRange(of: "..") else { return nil }
        func time(_ text: Substring, _ usual: Int) -> MediaTime? {
            guard !text.isEmpty else { return MediaTime(milliseconds: usual) }
            return Array(text.utf8).withUnsafeBytes { MediaTime(seconds: $0) }
        }
        guard let min = time(argument[..<dots.lowerBound], 0),
            let max = time(argument[dots.upperBound...], 30_000)
        else { return nil }
        self.init(min: min, max: max)
    }
}

/// How subtitles are cut, as options.
package struct SubtitleArguments: ParsableArguments {
    @Option(help: ArgumentHelp("Columns of a line at most.", valueName: "count"))
    package var lineColumns = SubtitleOptions().columnsMax

    @Option(help: ArgumentHelp("Columns of a line where it can be.", valueName: "count"))
    package var preferredColumns = SubtitleOptions().columnsPreferred

    @Option(help: ArgumentHelp("Lines of a subtitle at most.", valueName: "count"))
    package var lines = SubtitleOptions().linesMax

    @Option(help: ArgumentHelp("Shown at least this long.", valueName: "seconds"))
    package var cueMin = 0.8

    @Option(help: ArgumentHelp("Shown at most this long.", valueName: "seconds"))
    package var cueMax = 7.0

    @Option(help: ArgumentHelp("A pause this long is a good cut.", valueName: "seconds"))
    package var pause = 0.5

    @Option(
        help: ArgumentHelp("Nothing is shown over a pause this long.", valueName: "seconds"))
    package var gap = 1.5

    @Flag(
        help: "Spread the text of long rows without word times evenly over the row.")
    package var spread = false

    package init() {}

    package var options: SubtitleOptions {
        var options = SubtitleOptions()
        options.columnsMax = lineColumns
        options.columnsPreferred = min(preferredColumns, lineColumns)
        options.linesMax = lines
        options.millisecondsMin = Self.milliseconds(cueMin)
        options.millisecondsMax = Self.milliseconds(cueMax)
        options.pauseMilliseconds = Self.milliseconds(pause)
        options.gapMilliseconds = Self.milliseconds(gap)
        return options
    }

    /// What is no time becomes one that is refused.
    private static func milliseconds(_ seconds: Double) -> Int {
        guard seconds.isFinite, seconds >= 0, seconds < 1e6 else { return -1 }
        return Int((seconds * 1_000).rounded())
    }
}
