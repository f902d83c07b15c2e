internal import Alignment
internal import AudioFormats
internal import AudioPlaces
internal import Manifests
internal import SpeechTypes
internal import StrictJSON

/// The text that a row is aligned with.
struct RowText: Sendable {
    let text: SpelledText
    /// It stands in a file of its own.
    let isOfFile: Bool

    /// Reads the text of `row`, and spells it.
    ///
    /// - Throws: `text.not_found` if there is none, `text.unspellable` if the model cannot spell it, and
    ///   what the file's storage is at fault for.
    init(
        of row: ManifestRow, _ options: TextAlignmentOptions, vocabulary: Vocabulary,
        paths: AudioPathPolicy, progress: EngineProgress
    ) throws(AudioError) {
        let text: String
        if let member = row.object.member(TextAlignmentOptions.fileField), !member.value.isNull {
            guard let path = member.value.string, !path.isEmpty else {
                throw Self.missing("\(TextAlignmentOptions.fileField) is not a path")
            }
            text = try Self.text(at: path, paths, progress)
            isOfFile = true
        } else if let member = row.object.member(options.textField) {
            guard let value = member.value.string else {
                throw Self.missing("\(options.textField) is not a string")
            }
            text = value
            isOfFile = false
        } else {
            throw Self.missing(
                "the row has neither \(options.textField) nor \(TextAlignmentOptions.fileField); name "
                    + "the member that holds its text with --text-field")
        }
        do throws(SpellingError) {
            self.text = try SpelledText(
                text, vocabulary: vocabulary, normalization: options.normalization)
        } catch {
            throw AudioError(.textUnspellable, "", "\(error)")
        }
    }

    private static func text(
        at path: String, _ paths: AudioPathPolicy, _ progress: EngineProgress
    ) throws(AudioError) -> String {
        let bytes: [UInt8]
        let name: String
        do throws(AudioError) {
            let file = try paths.open(PathBytes(path), progress: progress)
            name = file.path
            guard file.byteCount <= SpelledText.utf8Max else {
                throw missing(
                    "\(name) has \(file.byteCount) bytes, and a text has "
                        + "\(SpelledText.utf8Max) at most")
            }
            bytes = try file.bytes(at: 0, count: file.byteCount)
        } catch {
            guard error.code == .audioNotFound else { throw error }
            throw missing("\(error)")
        }
        // A byte-order mark is no character of the text.
        let body = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes[...]
        guard let text = String(validating: body, as: UTF8.self) else {
            throw missing("\(name) is not UTF-8; iconv makes it so")
        }
        return text
    }

    private static func missing(_ detail: String) -> AudioError {
        AudioError(.textNotFound, "", detail)
    }

    /// What is kept of each frame, in bytes, until the row ends.
    func bytesOfFrame(_ vocabulary: Vocabulary) -> Int {
        TextAligner.bytesOfFrame(text, vocabulary)
    }
}
