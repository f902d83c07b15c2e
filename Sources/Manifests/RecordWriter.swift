package import SpeechTypes
package import StrictJSON

/// Renders output records: the row's own bytes in place, then what became of it.
///
/// The same row and result give the same bytes on every machine. A record has no line end.
package enum RecordWriter {
    /// Members that only this program writes; a row that holds them (the output of an earlier run)
    /// loses them first.
    private static let ownKeys: Set = ["pred_text", "status", "error", "audio_warning"]

    /// The record of a transcribed row.
    ///
    /// - Parameter texts: the text of each lane; one, unless `isEachChannel`.
    /// - Parameter isEachChannel: the record lists the channels, and `pred_text` joins their texts
    ///   with spaces; a member `channels` that the row held gives way to the list.
    /// - Parameter decodedSeconds: stands as `duration` where the row has none.
    /// - Parameter audioWarning: stands as `audio_warning` if there is one.
    package static func transcribed(
        _ row: ManifestRow, texts: [String], isEachChannel: Bool, decodedSeconds: Double,
        audioWarning: AudioWarning? = nil
    ) -> [UInt8] {
        precondition(isEachChannel || texts.count == 1, "one text, unless each channel has its own")
        let dropped = isEachChannel ? ownKeys.union(["channels"]) : ownKeys
        var writer = JSONWriter()
        if row.object.member("duration") == nil {
            writer.key("duration")
            writer.raw(sixDecimals(decodedSeconds).utf8)
        }
        writer.key("pred_text")
        writer.value(texts.filter { !$0.isEmpty }.joined(separator: " "))
        if isEachChannel {
            writer.key("channels")
            writer.beginArray()
            for (channel, text) in texts.enumerated() {
                writer.beginObject()
                writer.key("channel")
                writer.value(channel)
                writer.key("pred_text")
                writer.value(text)
                writer.endObject()
            }
            writer.endArray()
        }
        writer.key("status")
        writer.value(RowStatus.transcribed.rawValue)
        if let audioWarning {
            writer.key("audio_warning")
            writer.beginObject()
            writer.key("code")
            writer.value(audioWarning.code.rawValue)
            writer.key("stated")
            writer.raw(sixDecimals(audioWarning.statedSeconds).utf8)
            writer.key("decoded")
            writer.raw(sixDecimals(audioWarning.decodedSeconds).utf8)
            writer.endObject()
        }
        return joined(kept(row.object, of: row.raw, without: dropped), writer.bytes)
    }

    /// What a record says of its audio; nil if it says nothing.
    ///
    /// - Throws: if the member is there and is not what this program writes.
    private static func audioWarning(of record: JSONObject) throws(MalformedWarning)
        -> AudioWarning?
    {
        guard let member = record["audio_warning"] else { return nil }
        guard let object = member.object, object.members.count == 3,
            let code = object["code"]?.string.flatMap({ AudioWarning.Code(rawValue: $0) }),
            let stated = object["stated"]?.double, let decoded = object["decoded"]?.double,
            (0...ManifestLimits.secondsMax).contains(stated),
            (0...ManifestLimits.secondsMax).contains(decoded)
        else { throw MalformedWarning() }
        return AudioWarning(code, statedSeconds: stated, decodedSeconds: decoded)
    }

    private struct MalformedWarning: Error {}

    /// The record of a transcribed row, given what another record says: its own, or that of a row with
    /// the same audio.
    ///
    /// - Returns: nil if `record` has no transcript in the form that these options give.
    package static func transcribed(
        _ row: ManifestRow, like record: JSONObject, isEachChannel: Bool
    ) -> [UInt8]? {
        guard record["status"]?.string == RowStatus.transcribed.rawValue,
            let text = record["pred_text"]?.string
        else { return nil }
        var texts = [text]
        if isEachChannel {
            guard let channels = record["channels"]?.array else { return nil }
            texts = channels.compactMap { $0.object?["pred_text"]?.string }
            guard texts.count == channels.count else { return nil }
        }
        var seconds = 0.0
        if row.object.member("duration") == nil {
            guard let decoded = record["duration"]?.double,
                (0...ManifestLimits.secondsMax).contains(decoded)
            else { return nil }
            seconds = decoded
        }
        let warning: AudioWarning?
        do {
            warning = try audioWarning(of: record)
        } catch {
            return nil
        }
        return transcribed(
            row, texts: texts, isEachChannel: isEachChannel, decodedSeconds: seconds,
            audioWarning: warning)
    }

    /// The record of a row without a transcript, whether or not its line can be read.
    ///
    /// - Parameter lineNumber: 1-based; stands in the record of a line that is not a JSON object.
    package static func failed(raw: [UInt8], lineNumber: Int, code: FailureCode) -> [UInt8] {
        var start: [UInt8]
        if let object = try? ManifestRow.strictObject(raw) {
            start = kept(object, of: raw, without: ownKeys)
        } else {
            var line = JSONWriter()
            line.key("line")
            line.value(lineNumber)
            line.key("raw")
            line.value(shownText(raw))
            start = [UInt8(ascii: "{")] + line.bytes
        }
        var writer = JSONWriter()
        writer.key("pred_text")
        writer.value("")
        writer.key("status")
        writer.value(code.status.rawValue)
        writer.key("error")
        writer.beginObject()
        writer.key("code")
        writer.value(code.rawValue)
        writer.key("message")
        writer.value(code.message)
        writer.endObject()
        return joined(start, writer.bytes)
    }

    /// `{` and the members that stay, byte for byte with the white space before each.
    private static func kept(
        _ object: JSONObject, of raw: [UInt8], without dropped: Set<String>
    ) -> [UInt8] {
        var bytes: [UInt8] = [UInt8(ascii: "{")]
        bytes.reserveCapacity(raw.count + 256)
        var previousEnd = (raw.firstIndex(of: UInt8(ascii: "{")) ?? 0) + 1
        for member in object.members {
            let between = raw[previousEnd..<member.keyRange.lowerBound]
            previousEnd = member.valueRange.upperBound
            if dropped.contains(member.key) { continue }
            if bytes.count > 1 { bytes.append(UInt8(ascii: ",")) }
            // White space, and the comma unless this is the first member.
            let comma = between.firstIndex(of: UInt8(ascii: ","))
            bytes += between[(comma.map { $0 + 1 } ?? between.startIndex)...]
            bytes += raw[member.keyRange.lowerBound..<member.valueRange.upperBound]
        }
        // Only white space can be a bare carriage return, and many readers take it for a line end.
        for index in bytes.indices where bytes[index] == 0x0D { bytes[index] = 0x20 }
        return bytes
    }

    private static func joined(_ start: [UInt8], _ members: [UInt8]) -> [UInt8] {
        start + (start.count > 1 ? [UInt8(ascii: ",")] : []) + members + [UInt8(ascii: "}")]
    }

    /// What a line that cannot be read looks like: as much of it as may be shown, as text.
    private static func shownText(_ raw: [UInt8]) -> String {
        let max = ManifestLimits.rawTextBytesMax
        // Three bytes more than fit, so that a character at the cut is not taken for a bad byte.
        let text = String(decoding: raw.prefix(max + 3), as: UTF8.self)
        var shown = String.UnicodeScalarView()
        var count = 0
        for scalar in text.unicodeScalars {
            count += UTF8.width(scalar)
            if count > max { break }
            shown.append(scalar)
        }
        return String(shown)
    }

    /// Seconds with six decimals, always: `3.275000`.
    ///
    /// - Precondition: finite, from 0 to a billion.
    static func sixDecimals(_ seconds: Double) -> String {
        let microseconds = Int((seconds * 1_000_000).rounded())
        let fraction = String(microseconds % 1_000_000)
        return "\(microseconds / 1_000_000)."
            + String(repeating: "0", count: 6 - fraction.count) + fraction
    }
}
