package import TranscriptRows

/// What of a row another program finds in an exported file.
package enum TranscriptField: String, CaseIterable, Sendable {
    case path
    case id
    case speaker
    case channel
    case language
    case span
    case text
    case words
    case confidence
}

/// How a format lays out its files.
package enum ExportLayout: String, Sendable {
    case fileForEachRecording = "a file for each recording"
    case oneFile = "one file"
    case folder = "a folder"
}

/// What is a row of an export.
package enum ExportedRows: String, CaseIterable, Sendable {
    /// A record of the output, or each channel of one.
    case records
    /// Each stretch of speech in it.
    case segments
}

/// A form in which transcripts are exported.
///
/// Each has a file of its own, and a place in ``TranscriptFormats/all``.
package protocol TranscriptFormat: Sendable {
    /// As `--format` takes it.
    var name: String { get }
    /// A line for `--help`.
    var summary: String { get }
    var layout: ExportLayout { get }
    /// What survives; the rest is lost.
    var fields: Set<TranscriptField> { get }
}

extension TranscriptFormat {
    /// Whether rows need an id.
    var usesIDs: Bool { fields.contains(.id) || layout == .folder }

    /// Whether word times are used at all.
    package var readsWords: Bool { fields.contains(.words) || self is any SubtitleFormat }
}

/// A format of small files, one for each recording.
package protocol RecordingFileFormat: TranscriptFormat {
    var fileExtension: String { get }

    /// Looks at a segment before any file is written.
    ///
    /// - Throws: what the format cannot say.
    func check(_ segment: TranscriptSegment, _ context: ExportContext) throws(ExportError)

    /// All of the recording's file.
    ///
    /// - Throws: what the format cannot say.
    func contents(
        of recording: TranscribedRecording, _ context: ExportContext
    ) throws(ExportError) -> [UInt8]
}

extension RecordingFileFormat {
    package func check(
        _ segment: TranscriptSegment, _ context: ExportContext
    ) throws(ExportError) {}
}

/// A format that repeats the record's list of words.
package protocol WordListFormat: TranscriptFormat {}

/// A format of where somebody speaks, and of no text: its rows are always segments.
package protocol BoundaryFormat: TranscriptFormat {}

/// A format that tells who speaks when: where words name their speakers, a row is parted where the speaker
/// changes.
package protocol SpeakerFormat: TranscriptFormat {}

/// A format that shows the segments of a row beside it.
package protocol SegmentListFormat: TranscriptFormat {}

/// A format whose times are those of cues.
package protocol SubtitleFormat: RecordingFileFormat {}

/// One file with lines for each row, in the order of the rows.
package protocol RowLinesFormat: TranscriptFormat {
    /// What stands before the first row.
    var head: String { get }
    /// As ``head``, where the rows are segments of rows.
    var headOfSegments: String { get }

    /// Appends the lines of a segment.
    ///
    /// - Throws: what the format cannot say.
    func append(_ segment: TranscriptSegment, to bytes: inout [UInt8]) throws(ExportError)
}

extension RowLinesFormat {
    package var headOfSegments: String { head }
}

/// One line of a file that is sorted.
package struct SortedLine: Sendable {
    /// What it begins with, and is sorted by; one token.
    package var id: String
    /// What follows, without a line end.
    package var rest: [UInt8]
    /// Of the row in the output, for messages.
    package var lineNumber: Int
}

/// One file with a line for each row, in the order of the bytes of their ids, of which each stands once.
package protocol SortedLinesFormat: TranscriptFormat {
    /// The lines of a recording.
    ///
    /// - Throws: what the format cannot say.
    func lines(of recording: TranscribedRecording) throws(ExportError) -> [SortedLine]
}

/// One file with lines for each recording, in the order of the recordings' names.
package protocol RecordingLinesFormat: TranscriptFormat {
    /// Whether a reader takes two segments with one id for one.
    var needsUniqueIDs: Bool { get }

    /// Appends the lines of a recording.
    ///
    /// - Throws: what the format cannot say.
    func append(_ recording: TranscribedRecording, to bytes: inout [UInt8]) throws(ExportError)
}

/// Several files in a folder.
package protocol FolderFormat: TranscriptFormat {
    /// Begins the files in a folder that is there.
    ///
    /// - Throws: `storage` if they cannot be written.
    func makeWriter(
        in folder: String, _ context: ExportContext
    ) throws(ExportError) -> any FolderWriter
}

/// Writes the files of a folder; dropped before ``finish()``, it leaves none.
package protocol FolderWriter: AnyObject {
    /// - Throws: what the format cannot say, or that the disk refuses.
    func write(_ recording: TranscribedRecording) throws(ExportError)
    /// Puts the files in their places.
    ///
    /// - Throws: what the format cannot say, or that the disk refuses.
    func finish() throws(ExportError)
}

/// The formats that there are.
package enum TranscriptFormats {
    /// In the order of `--help`.
    package static let all: [any TranscriptFormat] = [
        SRTFormat(), VTTFormat(), TXTFormat(), TSVFormat(), CSVFormat(), JSONFormat(), CTMFormat(),
        STMFormat(), TRNFormat(), RTTMFormat(), SegmentsFormat(), TextGridFormat(), KaldiFormat(),
        LhotseFormat(), FairseqFormat(), NeMoFormat(), AudioFolderFormat(), WebDatasetFormat(),
    ]

    package static func named(_ name: String) -> (any TranscriptFormat)? {
        all.first { $0.name == name }
    }
}
