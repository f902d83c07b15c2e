internal import ClusterRuntime
internal import SpeechTypes
internal import StrictJSON

/// The rows that ended last, as JSON.
enum RecentRowsJSON {
    /// Of a line of the input, this much is shown.
    private static let lineBytesMax = 4_096
    private static let wordsMax = 300

    /// Where there are more rows than this, less of each line is shown.
    private static let wholeLinesMax = 50
    private static let shortLineBytesMax = 512

    /// The newest rows of a query `code=CODE` or `status=STATUS`, the newest first; nil for another query.
    ///
    /// - Parameter row: a row's line by its number.
    static func rows(
        _ recent: RecentRows, _ query: String, row: (Int) -> [UInt8]?
    ) -> [UInt8]? {
        let parts = query.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        let (name, value) = (String(parts[0]), String(parts[1]))
        switch name {
        case "code":
            guard let code = FailureCode(rawValue: value) else { return nil }
            return failures(recent, [code], query: (name, value), row)
        case "status":
            guard let status = RowStatus(rawValue: value) else { return nil }
            if status == .transcribed { return transcripts(recent, query: (name, value)) }
            let codes = FailureCode.allCases.filter { $0.status == status }
            return failures(recent, codes, query: (name, value), row)
        default:
            return nil
        }
    }

    /// Of one code in the order of their ends; of several by their numbers.
    private static func failures(
        _ recent: RecentRows, _ codes: [FailureCode], query: (name: String, value: String),
        _ row: (Int) -> [UInt8]?
    ) -> [UInt8] {
        var found = codes.flatMap { code in
            (recent.failures[code] ?? []).map { (code: code, failure: $0) }
        }
        if codes.count > 1 { found.sort { $0.failure.ordinal < $1.failure.ordinal } }
        let bytesMax = found.count > wholeLinesMax ? shortLineBytesMax : lineBytesMax
        var writer = JSONWriter()
        writer.beginObject()
        writer.member(query.name, query.value)
        writer.key("rows")
        writer.beginArray()
        for (code, failure) in found.reversed() {
            writer.beginObject()
            writer.member("row", failure.ordinal + 1)
            writer.member("code", code.rawValue)
            writer.member("slot", failure.slot)
            writer.member("detail", failure.detail)
            if let line = row(failure.ordinal) {
                writer.member("input", String(decoding: line.prefix(bytesMax), as: UTF8.self))
            }
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
        return writer.bytes
    }

    /// The newest transcripts, the newest first: text, and words with their confidence.
    static func transcripts(
        _ recent: RecentRows, query: (name: String, value: String)? = nil
    ) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        if let query { writer.member(query.name, query.value) }
        writer.key("rows")
        writer.beginArray()
        for transcript in recent.transcripts.reversed() {
            guard let record = try? JSONParser.parse(transcript.record).object else { continue }
            writer.beginObject()
            writer.member("row", transcript.ordinal + 1)
            writer.member("slot", transcript.slot)
            if let audio = record["audio_filepath"]?.string { writer.member("audio", audio) }
            for name in ["offset", "duration"] {
                guard let seconds = record[name]?.double, seconds.isFinite else { continue }
                writer.member(name, seconds)
            }
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
