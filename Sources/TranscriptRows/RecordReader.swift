internal import Digests
internal import SpeechTypes

/// Reads the segments of a record.
package struct RecordReader: Sendable {
    /// What a record gives.
    package enum Reading: Hashable, Sendable {
        /// One segment, or one of each channel.
        case segments([TranscriptSegment])
        /// The row was rejected or quarantined, or has not been transcribed.
        case noTranscript
    }

    /// Whether word times are read; formats without them skip the largest part of a record.
    private let readsWords: Bool
    private let copiesLists: Bool
    private let readsCharacters: Bool
    private let readsSegments: Bool
    private let readsSpeakers: Bool

    /// - Parameters:
    ///   - copiesLists: words stay JSON where that is what ``TimedWords/nemoItems`` would write.
    ///   - readsCharacters: those of texts that may be in a script without spaces.
    ///   - readsSegments: the stretches of speech, where records list them.
    ///   - readsSpeakers: words too, of records in which they name their speakers.
    package init(
        readsWords: Bool, copiesLists: Bool = false, readsCharacters: Bool = false,
        readsSegments: Bool = false, readsSpeakers: Bool = false
    ) {
        self.readsSpeakers = readsSpeakers
        self.readsSegments = readsSegments
        self.readsWords = readsWords
        self.copiesLists = copiesLists
        self.readsCharacters = readsCharacters
    }

    /// The members of a record that are used here.
    private struct Members {
        var path: String?
        var pathBytes: String?
        /// Stands in place of audio where a row names none.
        var logits: String?
        var offset = MediaTime.zero
        var duration: MediaTime?
        var id: String?
        var speaker: String?
        var channel: Int?
        var language: String?
        var status: String?
        var text: String?
        var words = WordMembers()
        var characters: TimedWords?
        var segments: TimedWords?
        var channels: [ChannelMembers]?
    }

    private struct ChannelMembers {
        var channel: Int?
        var text: String?
        var words = WordMembers()
        var characters: TimedWords?
        var segments: TimedWords?
    }

    /// What a record says of its words, in one of two forms.
    private struct WordMembers {
        var times: TimedWords?
        var list: [UInt8]?
        /// When the last word ends.
        var end: MediaTime?
    }

    /// Reads one line of an output.
    ///
    /// - Parameter lineNumber: 1-based, for messages.
    /// - Throws: `invalidRecord` if the line is no record.
    package func read(
        _ line: UnsafeRawBufferPointer, lineNumber: Int
    ) throws(ExportError) -> Reading {
        var members = Members()
        do throws(RecordScanner.Fault) {
            var scanner = RecordScanner(line)
            try scanner.object { key, value throws(RecordScanner.Fault) in
                try read(key, &value, into: &members)
            }
            try scanner.expectEnd()
        } catch {
            throw ExportError(
                .invalidRecord,
                "line \(lineNumber), byte \(error.offset): \(error.message); this is not an output "
                    + "of transcribe, or it is damaged (scriptorium verify tells)")
        }
        guard members.status == nil || members.status == "transcribed",
            let text = members.text
        else { return .noTranscript }
        return .segments(try segments(of: members, text, lineNumber))
    }

    private func segments(
        of members: Members, _ text: String, _ lineNumber: Int
    ) throws(ExportError) -> [TranscriptSegment] {
        func invalid(_ what: String) -> ExportError {
            ExportError(.invalidRecord, "line \(lineNumber) \(what)")
        }
        var audio = (members.path ?? members.logits).map { PathBytes($0) }
        if let encoded = members.pathBytes {
            guard let bytes = Base64.bytes(encoded) else {
                throw invalid("has an audio_filepath_bytes that is not Base64")
            }
            audio = PathBytes(bytes: bytes)
        }
        guard let audio, !audio.bytes.isEmpty, !audio.bytes.contains(0) else {
            throw invalid("has no usable audio_filepath, nor logits_filepath")
        }
        var segment = TranscriptSegment(
            lineNumber: lineNumber, audio: audio, start: members.offset,
            duration: members.duration ?? members.words.end ?? .zero, text: text,
            words: members.words.times)
        segment.wordList = members.words.list
        segment.characters = members.characters
        segment.segments = members.segments
        segment.rowID = members.id
        segment.speaker = members.speaker.flatMap { FlatText.isBlank($0) ? nil : $0 }
        segment.channel = members.channel
        segment.language = members.language
        guard let channels = members.channels, channels.allSatisfy({ $0.text != nil }) else {
            return [segment]
        }
        return channels.enumerated().map { index, channel in
            var one = segment
            one.channel = channel.channel ?? index
            one.isOneOfChannels = true
            one.text = channel.text ?? ""
            one.words = channel.words.times
            one.wordList = channel.words.list
            one.characters = channel.characters
            one.segments = channel.segments
            return one
        }
    }

    private func read(
        _ key: UnsafeRawBufferPointer, _ value: inout RecordScanner, into members: inout Members
    ) throws(RecordScanner.Fault) {
        switch key.count {
        case 2:
            if key.equals("id") { members.id = try name(&value) }
        case 4:
            // NeMo's name for what others call language.
            if key.equals("lang") { members.language = try value.string() ?? members.language }
        case 6:
            if key.equals("offset") {
                members.offset = try value.time() ?? .zero
            } else if key.equals("status") {
                members.status = try value.string()
            }
        case 7:
            if key.equals("speaker") {
                members.speaker = try name(&value)
            } else if key.equals("channel") {
                members.channel = value.integer().flatMap { 0..<1_024 ~= $0 ? $0 : nil }
            }
        case 8:
            if key.equals("duration") {
                members.duration = try value.time()
            } else if key.equals("language") {
                members.language = try value.string() ?? members.language
            } else if key.equals("channels"), value.next == UInt8(ascii: "[") {
                members.channels = try channels(&value)
            }
        case 9:
            if key.equals("pred_text") { members.text = try value.string() }
        case 14:
            if key.equals("audio_filepath") { members.path = try value.string() }
        case 15:
            if readsWords || readsSpeakers, key.equals("word_timestamps") {
                members.words = try words(&value)
            } else if mayReadCharacters(of: members.text), key.equals("char_timestamps") {
                members.characters = try value.words(.characters)
            } else if key.equals("logits_filepath") {
                members.logits = try value.string()
            }
        case 18:
            if readsSegments, key.equals("segment_timestamps") {
                members.segments = try value.words(.segments)
            }
        case 20:
            if key.equals("audio_filepath_bytes") { members.pathBytes = try value.string() }
        default: break
        }
    }

    private func channels(
        _ value: inout RecordScanner
    ) throws(RecordScanner.Fault) -> [ChannelMembers] {
        var channels: [ChannelMembers] = []
        try value.array { element throws(RecordScanner.Fault) in
            var channel = ChannelMembers()
            if element.next == UInt8(ascii: "{") {
                try element.object { key, value throws(RecordScanner.Fault) in
                    if key.equals("channel") {
                        channel.channel = value.integer().flatMap { 0..<1_024 ~= $0 ? $0 : nil }
                    } else if key.equals("pred_text") {
                        channel.text = try value.string()
                    } else if readsWords || readsSpeakers, key.equals("word_timestamps") {
                        channel.words = try words(&value)
                    } else if mayReadCharacters(of: channel.text),
                        key.equals("char_timestamps")
                    {
                        channel.characters = try value.words(.characters)
                    } else if readsSegments, key.equals("segment_timestamps") {
                        channel.segments = try value.words(.segments)
                    }
                }
            }
            channels.append(channel)
        }
        return channels
    }

    /// Times of characters are most of a record, and of use in scripts without spaces only: of those, and of
    /// few others, a character has three bytes and more.
    private func mayReadCharacters(of text: String?) -> Bool {
        readsCharacters && text?.utf8.contains { $0 >= 0xE0 } ?? true
    }

    private func words(
        _ value: inout RecordScanner
    ) throws(RecordScanner.Fault) -> WordMembers {
        if !readsWords, try !value.isNextNaming("speaker") { return WordMembers() }
        if copiesLists, let written = value.writtenList() {
            return WordMembers(list: Array(written.json), end: written.end)
        }
        let times = try value.words()
        return WordMembers(times: times, end: times?.last?.end)
    }

    /// A name, which some tools write as a number; nil for anything else.
    private func name(_ value: inout RecordScanner) throws(RecordScanner.Fault) -> String? {
        if let text = try value.string() { return text }
        return value.number().map { String(decoding: $0, as: UTF8.self) }
    }
}
