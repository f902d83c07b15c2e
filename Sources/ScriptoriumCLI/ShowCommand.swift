internal import ArgumentParser
internal import CommandOptions
internal import Glibc
internal import JobLaunch
internal import Processes
internal import Threading
internal import TranscriptRows
internal import TranscriptViews

/// A result as a person looks at it.
struct ShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show an output in the terminal: a line for each row, or one row with times.",
        discussion: """
            Without ROW, a line for each row: what became of it, how long it is, how sure the model \
            was of its least sure word, and how it begins. On a terminal as many as fit; --from goes on.

            With ROW, the whole text, broken at pauses, with the time of each line in the recording. \
            Words that the model was not sure of are coloured and underlined; without colour \
            (NO_COLOR, TERM=dumb, a file or a pipe) they stand in [brackets], or [[double ones]]. A row \
            without a transcript says why, and what to do.

            ROW is the row's number in the input, from 0, or the row's id, or the name of its \
            recording with or without what follows the last dot.

            OUT may also be what export --now wrote of a job that still runs.

            With --svg, the row becomes a picture: its waveform, where somebody speaks, the windows \
            that were computed, and the words with their times. The recording is read again, where the \
            job found it; no model is needed. ROW may be left out where OUT has one row only.

            Examples:
              scriptorium show transcripts.jsonl
              scriptorium show transcripts.jsonl --failed
              scriptorium show transcripts.jsonl --below 0.5 | less -R
              scriptorium show transcripts.jsonl 17
              scriptorium show transcripts.jsonl interview-3.mp3 --doubtful 0.9
              scriptorium show transcripts.jsonl call-0042 --channels 1
              scriptorium show transcripts.jsonl interview-3.mp3 --svg interview-3.svg
              scriptorium show transcripts.jsonl 17 --svg minute.svg --span 1:02:00-1:03:00
            """)

    @Argument(
        help: ArgumentHelp("An output, or a snapshot of one.", valueName: "out"),
        completion: .file(extensions: ["jsonl", "json"]))
    var output: String

    @Argument(help: "A row's number, id, or recording.")
    var row: String?

    @Option(help: ArgumentHelp("Begin the list at this row, from 0.", valueName: "row"))
    var from = 0

    @Option(
        help: ArgumentHelp(
            "List this many rows; on a terminal as many as fit, otherwise all.",
            valueName: "count"))
    var count: Int?

    @Flag(help: "List only rows without a transcript.")
    var failed = false

    @Option(
        help: ArgumentHelp(
            "List only rows less sure than this, from 0 to 1.", valueName: "confidence"))
    var below: Double?

    @Option(help: ArgumentHelp("Mark words less sure than this.", valueName: "confidence"))
    var doubtful = 0.8

    @Option(help: ArgumentHelp("Mark words less sure than this more.", valueName: "confidence"))
    var poor = 0.5

    @Option(help: ArgumentHelp("A silence this long begins a new line.", valueName: "seconds"))
    var pause = 0.5

    @Option(
        help: ArgumentHelp(
            "Of rows with a transcript for each channel, only these, from 0, such as 0 or 0,1.",
            valueName: "list"))
    var channels: String?

    @Option(
        help: ArgumentHelp("Draw the row in this file.", valueName: "file"),
        completion: .file(extensions: ["svg"]))
    var svg: String?

    @Option(
        help: ArgumentHelp(
            "Draw only this part of the recording, such as 90-120.5 or 1:02:00-1:03:00.",
            valueName: "start-end"))
    var span: String?

    @Option(
        help: ArgumentHelp(
            "The folder in which relative paths of the rows start, if it is not the one that the "
                + "job's report names.", valueName: "folder"),
        completion: .directory)
    var audioRoot: String?

    @Option(help: "auto (where the terminal has colours), always or never.")
    var color: ColourChoice = .auto

    enum ColourChoice: String, ExpressibleByArgument, CaseIterable {
        case auto, always, never
    }

    func validate() throws {
        for (name, share) in [("--doubtful", doubtful), ("--poor", poor), ("--below", below ?? 0)] {
            guard (0...1).contains(share) else {
                throw ValidationError("\(name) is a confidence from 0 to 1, such as 0.7")
            }
        }
        guard (0...3_600).contains(pause) else {
            throw ValidationError("--pause is a number of seconds, such as 0.5")
        }
        guard from >= 0, (count ?? 1) >= 1 else {
            throw ValidationError("--from counts from 0, and --count is at least 1")
        }
        if channels != nil { _ = try channelSet() }
        if svg == nil, span != nil || audioRoot != nil {
            throw ValidationError(
                "--span and --audio-root are for pictures: name a file with --svg")
        }
        if svg == "-" {
            throw ValidationError("a picture is whole or absent, so it is a file; name one")
        }
        if let span, PictureSpan(span) == nil {
            throw ValidationError(
                "--span is two times of the recording, such as 90-120.5 or 1:02:00-1:03:00")
        }
        if row != nil || svg != nil, failed || below != nil || from > 0 || count != nil {
            throw ValidationError(
                "--from, --count, --failed and --below are for the list, without ROW and --svg")
        }
    }

    func run() throws {
        try reporting {
            if access(output, F_OK) != 0 { throw CommandFailure.noOutput(output) }
            WorkMeter.shared.begin("reading \(output)", .bytes)
            if let svg {
                try draw(to: svg)
            } else if let row {
                try show(row)
            } else {
                try list()
            }
            return ExitStatus.done
        }
    }

    private var marks: ConfidenceMarks {
        let isColoured =
            switch color {
            case .auto: StandardOutput.takesColour
            case .always: true
            case .never: false
            }
        return ConfidenceMarks(
            style: isColoured ? .colour : .plain, doubtful: Self.tenThousandths(doubtful),
            poor: Self.tenThousandths(poor))
    }

    private static func tenThousandths(_ share: Double) -> Int { Int((share * 10_000).rounded()) }

    func channelSet() throws -> Set<Int>? {
        guard let channels else { return nil }
        let numbers = channels.split(separator: ",", omittingEmptySubsequences: false).map {
            Int($0)
        }
        guard numbers.allSatisfy({ $0.map { (0..<64).contains($0) } ?? false }) else {
            throw ValidationError("--channels is a list of numbers from 0, such as 0,1")
        }
        return Set(numbers.compactMap(\.self))
    }

    /// What is said around a list: its header, its legend and how to go on.
    private static let linesAround = 5

    private func list() throws {
        let size = StandardOutput.terminalSize
        let marks = marks
        let view = SummaryView(width: StandardOutput.isTerminal ? size.columns : 120, marks: marks)
        let fitting = StandardOutput.isTerminal ? max(5, size.lines - Self.linesAround) : Int.max
        var filter = OutputListing.Filter()
        filter.isFailedOnly = failed
        filter.confidenceBelow = below.map(Self.tenThousandths)
        var page = OutputPage()
        page.put(view.header)
        var listed = 0
        let next = try OutputListing(output).list(
            from: from, count: count ?? fitting, filter, view
        ) { line in
            listed += 1
            return page.put(line)
        }
        if listed == 0 { page.put("no such row\(from > 0 ? " from \(from) on" : "")") }
        page.put(view.legend)
        if let next {
            page.put(
                "more: scriptorium show \(TerminalText.line(output)) --from \(next)\(filterOptions)"
            )
        }
        try page.finish()
    }

    private var filterOptions: String {
        (failed ? " --failed" : "") + (below.map { " --below \($0)" } ?? "")
    }

    private func show(_ row: String) throws {
        let columns = StandardOutput.isTerminal ? StandardOutput.terminalSize.columns : 80
        let view = RecordView(
            width: columns, marks: marks,
            pause: MediaTime(milliseconds: Int((pause * 1_000).rounded())))
        let choice = Int(row).map { OutputListing.Choice.ordinal($0) } ?? .name(row)
        var page = OutputPage()
        let listing = OutputListing(output)
        let channels = try channelSet()
        var isFirst = true
        func put(_ lines: [String]) -> Bool {
            if !isFirst { page.put("") }
            isFirst = false
            return lines.allSatisfy { page.put($0) }
        }
        var shown = try listing.show(choice, channels: channels, view, put: put)
        if shown == 0, case .ordinal = choice {
            // A number may be a name too.
            shown = try listing.show(.name(row), channels: channels, view, put: put)
        }
        try page.finish()
        if shown == 0 { throw noRow(row) }
    }

    func noRow(_ row: String) -> CommandFailure {
        CommandFailure(
            ExitStatus.usage,
            "\(output) has no row \(row): neither by its number from 0, nor by id, nor by the name "
                + "of its recording; scriptorium show \(output) lists the rows")
    }
}
