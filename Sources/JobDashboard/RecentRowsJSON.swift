internal import ClusterRuntime
internal import SpeechTypes
internal import StrictJSON

/// The rows that ended last, as JSON.
enum RecentRowsJSON {
    /// Of a line of the input, this much is shown.
    private static let lineBytesMax = 4_096
    private static let wordsMax = 300

    /// The newest rows that failed with the code of a query `code=CODE`, the newest first; nil for a query that
    /// names no code.
    static func failures(
        _ recent: RecentRows, code query: String, row: (Int) -> [UInt8]?
    ) -> [UInt8]? {
        guard query.hasPrefix("code="), let code = FailureCode(rawValue: String(query.dropFirst(5)))
        else { return nil }
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("code", code.rawValue)
        writer.key("rows")
        writer.beginArray()
        for failure in (recent.failures[code] ?? []).reversed() {
            writer.beginObject()
            writer.member("row", failure.ordinal + 1)
            writer.member("slot", failure.slot)
            writer.member("detail", failure.detail)
            if let line = row(failure.ordinal) {
                writer.member(
                    "input", String(decoding: line.prefix(lineBytesMax), as: UTF8.self))
            }
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
        return writer.bytes
    }

    /// The newest transcripts, the newest first: text, and words with their confidence.
    static func transcripts(_ recent: RecentRows) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("rows")
        writer.beginArray()
        for transcript in recent.transcripts.reversed() {
            guard let record = try? JSONParser.parse(transcript.record).object else { continue }
            writer.beginObject()
            writer.member("row", transcript.ordinal + 1)
            writer.member("slot", transcript.slot)
            if let audio = record["audio_filepath"]?.string { writer.member("audio", audio) }
            writer.member("text", record["pred_text"]?.string ?? "")
            writer.key("words")
            writer.beginArray()
            for word in (record["word_timestamps"]?.array ?? []).prefix(wordsMax) {
                guard let word = word.object, let text = word["word"]?.string else { continue }
                writer.beginObject()
                writer.member("word", text)
                if let confidence = word["confidence"]?.double {
                    writer.member("confidence", confidence)
                }
                writer.endObject()
            }
            writer.endArray()
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
        return writer.bytes
    }
}
