internal import ErrorRates
internal import JobVerification
internal import Manifests
internal import Processes

/// References with times: NIST's segment time marks.
///
/// A line is `file channel speaker begin end [<labels>] text`; `;;` begins a comment.
/// https://github.com/usnistgov/SCTK, doc/infmts.htm. All of it is held in memory.
struct STMFile {
    struct Segment {
        var file: String
        var channel: String
        var speaker: String
        var begin: Double
        var end: Double
        var text: ReferenceText
        /// What is said then is not scored.
        var isIgnored: Bool
        var line: Int
    }

    /// In the order of files as they come, then of channels, then of times.
    private(set) var segments: [Segment] = []
    let path: String

    private static let ignoring = "IGNORE_TIME_SEGMENT_IN_SCORING"

    /// - Throws: `VerificationError` for a line that is none of the format; `ManifestError` if the file
    ///   cannot be read.
    init(path: String) throws {
        self.path = path
        let reader = try LineReader(path)
        while let line = try reader.nextRow() {
            guard let text = String(validating: line.bytes, as: UTF8.self) else {
                throw invalid(line, "not UTF-8")
            }
            if !text.hasPrefix(";;") { segments.append(try segment(text, line)) }
        }
        if segments.isEmpty {
            throw VerificationError(ExitStatus.usage, "\(path) has no segment")
        }
        segments.sort {
            ($0.file, $0.channel, $0.begin, $0.line) < ($1.file, $1.channel, $1.begin, $1.line)
        }
    }

    private func segment(_ text: String, _ line: ManifestLine) throws -> Segment {
        let fields = text.split(
            maxSplits: 5, omittingEmptySubsequences: true, whereSeparator: \.isWhitespace)
        guard fields.count >= 5, let begin = Double(fields[3]), let end = Double(fields[4]),
            begin.isFinite, end.isFinite, begin >= 0, begin <= end
        else {
            throw invalid(line, "it should read: file channel speaker begin end <labels> text")
        }
        var spoken = fields.count > 5 ? fields[5] : ""
        if spoken.hasPrefix("<"), let close = spoken.firstIndex(of: ">") {
            spoken = spoken[spoken.index(after: close)...]
        }
        let isIgnored = spoken.uppercased().contains(Self.ignoring)
        do throws(ReferenceText.Fault) {
            return Segment(
                file: fields[0].lowercased(), channel: fields[1].uppercased(),
                speaker: String(fields[2]), begin: begin, end: end,
                text: isIgnored
                    ? ReferenceText(items: []) : try ReferenceText(parsing: String(spoken)),
                isIgnored: isIgnored, line: line.number)
        } catch {
            throw invalid(line, error.description)
        }
    }

    private func invalid(_ line: ManifestLine, _ what: String) -> VerificationError {
        VerificationError(ExitStatus.usage, "\(path):\(line.number) is no STM line: \(what)")
    }
}
