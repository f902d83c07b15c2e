internal import Files
internal import JobLaunch
internal import JobState
internal import JobVerification
internal import Manifests
internal import Processes
internal import Provenance
internal import RecordingPictures
internal import SpeechTypes
internal import Threading
internal import TimelineReading
internal import TranscriptRows
internal import TranscriptViews

extension ShowCommand {
    /// Draws a row as a picture.
    func draw(to file: String) throws {
        let (record, segments) = try drawnRow()
        guard let audio = segments.first?.audio else {
            throw CommandFailure(
                ExitStatus.usage,
                "\(row.map { "row \($0)" } ?? "the row") has no transcript to draw"
                    + (record.failure.map { ": \(TerminalText.line($0.code))" } ?? ""))
        }
        let report = try? ReportFile.read(ReportFile.path(ofOutput: output))
        if let field = report?.identity.options.segmentsField {
            throw CommandFailure(
                ExitStatus.usage,
                "this job was told by the rows' \(field) where somebody speaks, and a picture shows what the "
                    + "engine finds itself; scriptorium export --format textgrid draws given boundaries"
            )
        }
        let root =
            try audioRoot.map { root throws(ManifestError) in try FilePath.absolute(root) }
            ?? report?.folder ?? FilePath.folder(of: FilePath.absolute(output))
        guard let path = ExportedRecordings(root: PathBytes(root)).location(of: audio) else {
            throw CommandFailure(
                ExitStatus.usage,
                "\(audio.text) is no file of this machine, so there is nothing to draw")
        }
        var reader = TimelineReader(try BundledModel.speechNetwork(for: "--svg"))
        reader.span = span.flatMap { PictureSpan($0)?.range }
        reader.chunking = report?.identity.options.chunking ?? .grid
        if let clock = FrameClock(ofWords: segments) { reader.clock = clock }
        reader.policy = report?.identity.options.channels ?? .mix
        WorkMeter.shared.begin("decoding \(path.text)", .minutes)
        defer { WorkMeter.shared.end() }
        var told = 0
        let timeline = try reader.read(path, segments, drawn: try drawnLanes(segments)) { seconds in
            WorkMeter.shared.advance(Int(seconds / 60) - told, .minutes)
            told = Int(seconds / 60)
        }
        guard let timeline else {
            throw CommandFailure(
                ExitStatus.usage,
                "nothing of \(audio.text) lies there: its row begins at "
                    + "\(Self.seconds(segments[0].start)) s and ends at \(Self.seconds(segments[0].end)) s"
            )
        }
        try AtomicFile.write(RecordingPicture(timeline).svg.utf8, to: file)
    }

    private func drawnRow() throws -> (record: RecordDetails, segments: [TranscriptSegment]) {
        let listing = OutputListing(output)
        guard let row else {
            guard let only = try listing.row(nil) else {
                throw CommandFailure(ExitStatus.usage, "\(output) has no row")
            }
            return only
        }
        // A number may be a name too.
        if let ordinal = Int(row), let found = try listing.row(.ordinal(ordinal)) { return found }
        guard let found = try listing.row(.name(row)) else { throw noRow(row) }
        return found
    }

    /// The numbers of the segments that are to be drawn.
    private func drawnLanes(_ segments: [TranscriptSegment]) throws -> [Int] {
        let wanted = try channelSet()
        let drawn = segments.indices.filter { index in
            wanted.map { $0.contains(segments[index].channel ?? index) } ?? true
                || !segments[index].isOneOfChannels
        }
        guard drawn.count <= RecordingPicture.lanesMax else {
            throw CommandFailure(
                ExitStatus.usage,
                "\(drawn.count) channels are too many for a picture; choose at most "
                    + "\(RecordingPicture.lanesMax) with --channels, such as 0,1")
        }
        guard !drawn.isEmpty else {
            throw CommandFailure(
                ExitStatus.usage,
                "the row has \(segments.count) channels, from 0; none of them is in --channels")
        }
        return drawn
    }

    private static func seconds(_ time: MediaTime) -> String {
        "\(Double(time.milliseconds) / 1_000)"
    }
}

/// A part of a recording as people write it: two times with a hyphen, in seconds or as a clock.
struct PictureSpan {
    let range: Range<MediaTime>

    init?(_ text: String) {
        let times = text.split(separator: "-", omittingEmptySubsequences: false).map(Self.time)
        guard times.count == 2, let start = times[0], let end = times[1], start < end else {
            return nil
        }
        range = start..<end
    }

    /// Reads `75.5`, `1:15.5` or `0:01:15.5`.
    private static func time(_ text: Substring) -> MediaTime? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard (1...3).contains(parts.count) else { return nil }
        var nanoseconds = 0
        for (place, part) in parts.reversed().enumerated() {
            guard let number = Array(part.utf8).withUnsafeBytes({ MediaTime(seconds: $0) }),
                place == 0 || part.allSatisfy(\.isNumber),
                // Not even hours without end: a recording is shorter.
                number.nanoseconds < (place == parts.count - 1 ? 1_000_000 : 60) * 1_000_000_000
            else { return nil }
            nanoseconds += number.nanoseconds * [1, 60, 3_600][place]
        }
        return MediaTime(nanoseconds: nanoseconds)
    }
}
