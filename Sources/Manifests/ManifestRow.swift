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
    /// As it stands in the row: absolute, or relative to the manifest's folder.
    package let audioPath: String
    /// Where the span begins; nil if the row does not say.
    package let offsetSeconds: Double?
    /// How long the span is; nil if the row does not say.
    package let durationSeconds: Double?
    /// The reference text, where there is one.
    package let text: String?

    /// Reads one line without its end.
    package static func parse(raw: [UInt8]) throws(RowError) -> ManifestRow {
        let object = try strictObject(raw)
        guard let path = object["audio_filepath"]?.string, !path.isEmpty else {
            throw RowError(.manifestMissingField, "audio_filepath is missing or not a string")
        }
        return ManifestRow(
            raw: raw, object: object, audioPath: path,
            offsetSeconds: try seconds("offset", object),
            durationSeconds: try seconds("duration", object), text: object["text"]?.string)
    }

    /// The span that the row asks for, of the file at `path`.
    package func source(at path: String) -> AudioSource {
        AudioSource(
            path: path, offsetSeconds: offsetSeconds ?? 0, durationSeconds: durationSeconds)
    }

    /// The one JSON object that a line must be.
    static func strictObject(_ raw: [UInt8]) throws(RowError) -> JSONObject {
        guard raw.count <= ManifestLimits.lineBytesMax else {
            throw RowError(.manifestTooLong, "longer than \(ManifestLimits.lineBytesMax) bytes")
        }
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONParser.parse(raw, depthMax: ManifestLimits.depthMax)
        } catch {
            // Whatever else is wrong, a line that is no text is called that.
            guard String(validating: raw, as: UTF8.self) != nil else {
                throw RowError(.manifestInvalidUTF8, "the line is not UTF-8")
            }
            throw RowError(.manifestInvalidJSON, "\(error)")
        }
        guard let object = value.object else {
            throw RowError(.manifestInvalidJSON, "a JSON value, but not an object")
        }
        return object
    }

    private static func seconds(
        _ key: String, _ object: JSONObject
    ) throws(RowError) -> Double? {
        guard let value = object[key], !value.isNull else { return nil }
        guard let seconds = value.double, (0...ManifestLimits.secondsMax).contains(seconds) else {
            throw RowError(.manifestBadSpan, "\(key) is not a number of seconds from 0 on")
        }
        return seconds
    }
}
