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

/// A format whose times are those of cues.
package protocol SubtitleFormat: RecordingFileFormat {}

/// One file with lines for each row, in the order of the rows.
package protocol RowLinesFormat: TranscriptFormat {
    /// What stands before the first row.
    var head: String { get }

    /// Appends the lines of a segment.
    ///
    /// - Throws: what the format cannot say.
    func append(_ segment: TranscriptSegment, to bytes: inout [UInt8]) throws(ExportError)
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
        STMFormat(), TRNFormat(), TextGridFormat(), KaldiFormat(), LhotseFormat(), FairseqFormat(),
        NeMoFormat(), AudioFolderFormat(), WebDatasetFormat(),
    ]

    package static func named(_ name: String) -> (any TranscriptFormat)? {
        all.first { $0.name == name }
    }
}
