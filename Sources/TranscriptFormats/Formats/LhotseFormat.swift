internal import SpeechTypes
internal import StrictJSON
internal import TranscriptRows

/// Lhotse's recordings, supervisions and cuts, one cut for each row.
///
/// Word times in alignments count from the beginning of the recording, in cuts too.
struct LhotseFormat: FolderFormat {
    let name = "lhotse"
    let summary = "Lhotse's recordings, supervisions and cuts"
    let layout = ExportLayout.folder
    let fields: Set<TranscriptField> = [
        .path, .id, .speaker, .channel, .language, .span, .text, .words, .confidence,
    ]

    func makeWriter(
        in folder: String, _ context: ExportContext
    ) throws(ExportError) -> any FolderWriter {
        try LhotseWriter(in: folder, context)
    }
}

private final class LhotseWriter: FolderWriter {
    private let context: ExportContext
    private let recordings: OutputFile
    private let supervisions: OutputFile
    private let cuts: OutputFile
    private let ids: UniqueIDs

    init(in folder: String, _ context: ExportContext) throws(ExportError) {
        self.context = context
        let suffix = context.compresses ? ".jsonl.gz" : ".jsonl"
        recordings = try OutputFile("\(folder)/recordings\(suffix)")
        supervisions = try OutputFile("\(folder)/supervisions\(suffix)")
        cuts = try OutputFile("\(folder)/cuts\(suffix)")
        ids = UniqueIDs(in: folder, format: "lhotse")
    }

    func write(_ recording: TranscribedRecording) throws(ExportError) {
        let facts = try context.facts(of: recording, for: "lhotse")
        let item = Self.recording(recording, facts, context)
        try recordings.append(item + [UInt8(ascii: "\n")])
        for segment in recording.segments {
            try ids.add(segment.id, lineNumber: segment.lineNumber)
            // Spans may reach behind the end by what their numbers are rounded by.
            let duration = min(segment.duration, facts.duration - segment.start)
            guard duration > .zero, segment.channel ?? 0 < facts.channelCount else {
                throw ExportError(
                    .unspeakable,
                    "line \(segment.lineNumber): its span or channel is not in \(recording.audio) "
                        + "as it is now, and lhotse refuses that")
            }
            let whole = Self.supervision(
                segment, recording.id, start: segment.start, duration, facts)
            try supervisions.append(whole + [UInt8(ascii: "\n")])
            try cuts.append { bytes in
                var writer = JSONWriter()
                writer.beginObject()
                writer.member("id", segment.id)
                Self.write("start", segment.start, to: &writer)
                Self.write("duration", duration, to: &writer)
                let isMulti = Self.writeChannel(of: segment, facts, to: &writer)
                writer.key("supervisions")
                writer.beginArray()
                writer.raw(Self.supervision(segment, recording.id, start: .zero, duration, facts))
                writer.endArray()
                writer.key("recording")
                writer.raw(item)
                writer.member("type", isMulti ? "MultiCut" : "MonoCut")
                writer.endObject()
                bytes += writer.bytes
                bytes.append(UInt8(ascii: "\n"))
            }
        }
    }

    func finish() throws(ExportError) {
        try ids.check()
        try recordings.commit()
        try supervisions.commit()
        try cuts.commit()
    }

    private static func recording(
        _ recording: TranscribedRecording, _ facts: RecordingFacts, _ context: ExportContext
    ) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("id", recording.id)
        writer.key("sources")
        writer.beginArray()
        writer.beginObject()
        writer.member("type", "file")
        writeChannels("channels", facts, to: &writer)
        writer.member(
            "source", (context.recordings.location(of: recording.audio) ?? recording.audio).text)
        writer.endObject()
        writer.endArray()
        writer.member("sampling_rate", facts.sampleRate)
        writer.member("num_samples", facts.frameCount)
        // The quotient as Python has it, with which Lhotse compares.
        writer.member("duration", Double(facts.frameCount) / Double(facts.sampleRate))
        writeChannels("channel_ids", facts, to: &writer)
        writer.endObject()
        return writer.bytes
    }

    private static func supervision(
        _ segment: TranscriptSegment, _ recordingID: String, start: MediaTime,
        _ duration: MediaTime, _ facts: RecordingFacts
    ) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("id", segment.id)
        writer.member("recording_id", recordingID)
        write("start", start, to: &writer)
        write("duration", duration, to: &writer)
        _ = writeChannel(of: segment, facts, to: &writer)
        writer.member("text", segment.text)
        if let language = segment.language { writer.member("language", language) }
        if let speaker = segment.speaker { writer.member("speaker", speaker) }
        if let parent = segment.parent {
            writer.key("custom")
            writer.beginObject()
            writer.member("parent_row", parent.row)
            if let id = parent.id { writer.member("parent_id", id) }
            writer.endObject()
        }
        if let words = segment.words, !words.isEmpty {
            writer.key("alignment")
            writer.beginObject()
            writer.key("word")
            writer.beginArray()
            for word in words {
                writer.beginArray()
                writer.value(word.text)
                let start = segment.start(of: word).milliseconds
                for milliseconds in [start, segment.end(of: word).milliseconds - start] {
                    var text: [UInt8] = []
                    text.appendSeconds(ms: milliseconds)
                    writer.raw(text)
                }
                if let confidence = word.confidence {
                    var text: [UInt8] = []
                    text.appendConfidence(confidence)
                    writer.raw(text)
                }
                writer.endArray()
            }
            writer.endArray()
            writer.endObject()
        }
        writer.endObject()
        return writer.bytes
    }

    /// The row's channel, or all of them where the mix was transcribed.
    ///
    /// - Returns: whether it is a list.
    private static func writeChannel(
        of segment: TranscriptSegment, _ facts: RecordingFacts, to writer: inout JSONWriter
    ) -> Bool {
        if segment.channel == nil, facts.channelCount > 1 {
            writeChannels("channel", facts, to: &writer)
            return true
        }
        writer.member("channel", segment.channel ?? 0)
        return false
    }

    private static func writeChannels(
        _ key: String, _ facts: RecordingFacts, to writer: inout JSONWriter
    ) {
        writer.key(key)
        writer.beginArray()
        for channel in 0..<facts.channelCount { writer.value(channel) }
        writer.endArray()
    }

    private static func write(_ key: String, _ time: MediaTime, to writer: inout JSONWriter) {
        writer.key(key)
        var text: [UInt8] = []
        text.appendExactSeconds(time)
        writer.raw(text)
    }
}
