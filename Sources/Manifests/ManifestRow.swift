internal import Digests
package import SpeechTypes
package import StrictJSON

/// Why one row cannot be transcribed, before any audio was looked at.
package struct RowError: Error, Hashable, Sendable, CustomStringConvertible {
    package let code: FailureCode
    /// What was found, for the report.
    package let detail: String

    package init(_ code: FailureCode, _ detail: String) {
        self.code = code
        self.detail = detail
    }

    package var description: String { detail }
}

extension FailedRow {
    /// A row that is at fault itself.
    package init(ordinal: Int, _ error: RowError) {
        self.init(
            ordinal: ordinal, failureClass: .input, code: error.code, detail: error.detail)
    }
}

/// One usable row of a manifest: what it asks for, and all that it held.
package struct ManifestRow: Sendable {
    /// The row's bytes without the line end.
    package let raw: [UInt8]
    /// All members, with their places in ``raw``.
    package let object: JSONObject
    /// Absolute, relative to the manifest's folder, or an address (``AudioLocation``); of a `file:`
    /// address the path that it means.
    package let audioPath: PathBytes
    /// Where the span begins; nil if the row does not say.
    package let offsetSeconds: Double?
    /// How long the span is; nil if the row does not say.
    package let durationSeconds: Double?
    /// The reference text, where there is one.
    package let text: String?

    /// The file of log-probabilities that the row names; nil where it names none.
    package let logitsPath: PathBytes?
    /// The row names audio; without any, its log-probabilities stand in place of it.
    package let hasAudio: Bool

    /// The member of a row that names a file of log-probabilities.
    package static let logitsKey = "logits_filepath"
    /// The path as text.
    package static let pathKey = "audio_filepath"
    /// The path's bytes in Base64, where they are not UTF-8; they win.
    package static let pathBytesKey = "audio_filepath_bytes"

    /// Reads one line without its end.
    package static func parse(raw: [UInt8]) throws(RowError) -> ManifestRow {
        let object = try strictObject(raw)
        let logits = object[logitsKey]?.string.flatMap { $0.isEmpty ? nil : PathBytes($0) }
        let hasAudio = [pathKey, pathBytesKey].contains { object[$0]?.isNull == false }
        let path: PathBytes
        if let logits, !hasAudio { path = logits } else { path = try audioPath(object, raw) }
        return ManifestRow(
            raw: raw, object: object, audioPath: AudioLocation.file(ofAddress: path) ?? path,
            offsetSeconds: try seconds("offset", object, raw),
            durationSeconds: try seconds("duration", object, raw), text: object["text"]?.string,
            logitsPath: logits, hasAudio: hasAudio)
    }

    /// Whether the audio is found from the manifest's folder.
    package var hasRelativePath: Bool { AudioLocation.isRelative(audioPath) }

    /// The stated duration, as far as it can be one.
    ///
    /// Recordings beyond a day are refused; tools write more where they do not know the length (NeMo's
    /// writes 100000).
    package var plannedSeconds: Double? {
        durationSeconds.flatMap { $0 <= ManifestLimits.plannedSecondsMax ? $0 : nil }
    }

    /// The channel that the row says it is of; nil if it does not say, and -1, which no recording has,
    /// for what is no number of a channel.
    package var channel: Int? {
        guard let value = object["channel"], !value.isNull else { return nil }
        let number = value.int ?? value.string.flatMap { Int($0) }
        return number.flatMap { 0..<1_024 ~= $0 ? $0 : nil } ?? -1
    }

    /// The span that the row asks for, of the file at `path`.
    package func source(at path: String) -> AudioSource {
        AudioSource(
            path: path, offsetSeconds: offsetSeconds ?? 0, durationSeconds: durationSeconds,
            channel: channel)
    }

    /// The one JSON object that a line must be.
    package static func strictObject(_ raw: [UInt8]) throws(RowError) -> JSONObject {
        guard raw.count <= ManifestLimits.lineBytesMax else {
            throw RowError(
                .manifestTooLong,
                "longer than \(ManifestLimits.lineBytesMax) bytes; is it one row a line?")
        }
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONParser.parse(raw, depthMax: ManifestLimits.depthMax)
        } catch {
            // Whatever else is wrong, a line that is no text is called that.
            if let column = LineFault.firstInvalidColumn(raw) {
                throw RowError(.manifestInvalidUTF8, "column \(column): not UTF-8")
            }
            throw RowError(.manifestInvalidJSON, LineFault.sentence(error, raw))
        }
        guard let object = value.object else {
            throw RowError(.manifestInvalidJSON, "column 1: a JSON value, but not an object")
        }
        return object
    }

    private static func audioPath(
        _ object: JSONObject, _ raw: [UInt8]
    ) throws(RowError) -> PathBytes {
        if let member = object.member(pathBytesKey), !member.value.isNull {
            guard let text = member.value.string, let bytes = Base64.bytes(text), !bytes.isEmpty
            else {
                throw RowError(
                    .manifestBadPath,
                    "\(pathBytesKey) is \(LineFault.shown(member, raw)), not a path's bytes in Base64"
                )
            }
            return PathBytes(bytes: bytes)
        }
        guard let member = object.member(pathKey) else {
            throw RowError(.manifestMissingField, "\(pathKey) is missing")
        }
        guard let path = member.value.string else {
            let remedy =
                member.value.array == nil
                ? "not a string" : "a list; give each of its files a row of its own"
            throw RowError(
                .manifestMissingField, "\(pathKey) is \(LineFault.shown(member, raw)), \(remedy)")
        }
        guard !path.isEmpty else {
            throw RowError(.manifestMissingField, "\(pathKey) is empty")
        }
        return PathBytes(path)
    }

    private static func seconds(
        _ key: String, _ object: JSONObject, _ raw: [UInt8]
    ) throws(RowError) -> Double? {
        guard let member = object.member(key), !member.value.isNull else { return nil }
        guard let seconds = member.value.double,
            (0...ManifestLimits.secondsMax).contains(seconds)
        else {
            throw RowError(
                .manifestBadSpan,
                "\(key) is \(LineFault.shown(member, raw)), not a number of seconds from 0 on")
        }
        return seconds
    }
}
