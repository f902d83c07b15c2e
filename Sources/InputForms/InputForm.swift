internal import AudioFolders
internal import Decompression
internal import Glibc
internal import Manifests
internal import SpeechTypes
internal import StrictJSON

/// One form in which rows can be given to a command.
///
/// A new form is a type of its own and a line in ``InputForms/all``: everything else, the help of
/// commands included, goes by that list.
protocol InputForm: Sendable {
    /// What people are told of it.
    static var page: InputFormPage { get }

    /// The input, if it is of this form; nil leaves it to the forms that follow.
    ///
    /// - Throws: `ManifestError` if it cannot be read, or is known and refused.
    static func recognise(_ candidate: InputCandidate) throws(ManifestError) -> Self?

    /// Where relative paths in the form's rows start; absolute.
    func base(_ context: InputContext) throws(ManifestError) -> PathBytes

    /// Calls `sink` with each row, in order.
    ///
    /// - Returns: what there is in folders besides the rows.
    /// - Throws: `ManifestError` if something is not in order, with its line, or what `sink` throws.
    func forEachRow(
        _ context: InputContext, _ sink: (InputRow) throws(ManifestError) -> Void
    ) throws(ManifestError) -> SkippedEntries

    /// A manifest of JSON Lines that can be used where it lies; nil for everything else.
    var manifestPath: PathBytes? { get }
    /// A single recording, by its name.
    var isOneRecording: Bool { get }
    /// Rows come from looking through a folder.
    var isFolder: Bool { get }
    /// Standard input, which can be read once.
    var isStandardInput: Bool { get }
    /// Rows say which channel of their recordings they are of.
    var namesChannels: Bool { get }
}

extension InputForm {
    var manifestPath: PathBytes? { nil }
    var isOneRecording: Bool { false }
    var isFolder: Bool { false }
    var isStandardInput: Bool { false }
    var namesChannels: Bool { false }

    func base(_ context: InputContext) throws(ManifestError) -> PathBytes { context.workingFolder }
}

/// What people are told of a form: the help of commands, and the table in `manifests/README.md`.
package struct InputFormPage: Hashable, Sendable {
    /// A few words for the help of a command, such as `an audio file`.
    package let help: String
    /// The name by which it is asked for; nil for what cannot be mistaken.
    package var choice: String?
    /// The cells of the table: the form, how it is recognised, what its rows are.
    package let name: String
    package let recognisedBy: String
    package let rows: String

    package var tableRow: String { "| \(name) | \(recognisedBy) | \(rows) |" }
}

/// One row as a form gives it.
enum InputRow {
    /// A line of a manifest, whatever it is; without its end.
    case line([UInt8])
    /// A recording, with its reference where there is one.
    case recording(PathBytes, text: String? = nil)
    /// A row of a list that says more than that.
    case described(RowDescription)
}

/// An input that stands on a command line, to be recognised.
struct InputCandidate: Sendable {
    enum Kind: Sendable {
        case standardInput
        case folder
        case regularFile
        /// An address of something that is fetched.
        case remote
        /// A pipe, as shells make for `<(command)`, a socket or a device.
        case specialFile
    }

    let path: PathBytes
    let kind: Kind
    /// The form was asked for by name, so what names and contents say counts for less.
    var isForced = false
    /// Columns of tables that a person has named.
    var columns = ColumnChoice()
    /// Archives that a person has named, whose members the rows are.
    var tars: [PathBytes] = []

    /// - Throws: `notFound` if nothing is there.
    init(_ path: PathBytes) throws(ManifestError) {
        self.path = path
        if path == "-" {
            kind = .standardInput
            return
        }
        if AudioLocation.scheme(of: path) != nil {
            kind = .remote
            return
        }
        guard let status = FilePath.status(path) else {
            throw ManifestError(
                .notFound, path.text, "there is no such file or folder; check the path")
        }
        kind =
            status.isFolder ? .folder : status.isRegularFile ? .regularFile : .specialFile
    }

    /// Whether it is a regular file with one of these extensions, which are in lower case.
    func isFile(withExtension extensions: Set<String>) -> Bool {
        kind == .regularFile && extensions.contains(path.fileExtension)
    }

    /// The path without the ending of a compressed file.
    var listName: PathBytes { Self.listName(of: path) }

    static func listName(of path: PathBytes) -> PathBytes { Compression.innerName(of: path) }

    /// Whether it is a regular file with one of these extensions, compressed or not.
    func isList(withExtension extensions: Set<String>) -> Bool {
        kind == .regularFile && extensions.contains(listName.fileExtension)
    }

    /// Whether it is called as manifests are.
    var isManifest: Bool { isList(withExtension: JSONLinesManifest.extensions) }

    /// The first line that is not blank, if it is a JSON object.
    func firstObject() -> JSONObject? {
        guard let line = try? InputLines(path).nextRow() else { return nil }
        return try? ManifestRow.strictObject(line.bytes)
    }

    /// Whether the first line that is not blank begins like a JSON object.
    ///
    /// - Throws: `ManifestError` if the file cannot be read.
    func startsLikeObject() throws(ManifestError) -> Bool {
        do throws(ManifestError) {
            let line = try LineReader(path, expanding: true).nextRow()
            return line?.bytes.first { $0 != 0x20 && $0 != 0x09 } == UInt8(ascii: "{")
        } catch {
            // Of the encodings that are refused, so that it is said of a manifest, not of a recording.
            guard error.code == .encoding else { throw error }
            return try TextEncoding.startsLikeObject(LineReader.head(of: path, expanding: true))
        }
    }
}

/// What the rows of an input depend on besides the input.
struct InputContext: Sendable {
    /// Where relative paths of the command line start; absolute.
    let workingFolder: PathBytes
    /// Where relative paths of the rows start that are written; absolute.
    let rowsFolder: PathBytes
    /// Files and folders that are no input even if they lie below a folder that is.
    let excluding: [String]
    /// How folders become rows.
    var folders: FolderOptions
    /// Members of rows besides the audio whose relative paths start at their manifest's folder.
    var furtherPaths: [String] = []
    /// Opens archives and lists stores; nil where only files are read.
    var sources: InputSources?
    /// The files that the rows of a begun job name.
    var recorded = RecordedPaths()

    /// A path of the command line as it stands in rows.
    func named(_ path: PathBytes) -> PathBytes {
        workingFolder == rowsFolder ? path : AudioLocation.joined(path, to: workingFolder)
    }
}
