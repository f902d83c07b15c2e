internal import SpeechTypes
internal import TranscriptRows

/// The forms that files of boundaries have.
enum BoundaryForm {
    /// NIST's rich transcription time marks, version 1.3: `SPEAKER file channel start length <NA> <NA> speaker …`.
    case rttm
    /// Kaldi's: `utterance recording start end`, and perhaps a channel.
    case kaldiSegments

    struct Fault: Error {
        let description: String
    }

    /// What lines of an RTTM may be about; only `SPEAKER` is about who speaks when.
    private static let rttmTypes: Set<Substring> = [
        "SPEAKER", "SPKR-INFO", "SEGMENT", "NOSCORE", "NO_RT_METADATA", "LEXEME", "NON-LEX",
        "NON-SPEECH", "FILLER", "EDIT", "IP", "SU", "CB", "A/P",
    ]

    /// Nil for a line of neither.
    init?(firstLine fields: [Substring]) {
        if let first = fields.first, fields.count >= 8, Self.rttmTypes.contains(first) {
            self = .rttm
        } else if 4...5 ~= fields.count, Self.time(fields[2]) != nil, Self.time(fields[3]) != nil {
            self = .kaldiSegments
        } else {
            return nil
        }
    }

    /// The recording of a line and where somebody speaks in it; nil for a line about something else.
    func read(
        _ fields: [Substring]
    ) throws(Fault) -> (recording: String, stretch: SpeechStretch)? {
        switch self {
        case .rttm: try Self.rttm(fields)
        case .kaldiSegments: try Self.kaldiSegments(fields)
        }
    }

    private static func rttm(
        _ fields: [Substring]
    ) throws(Fault) -> (recording: String, stretch: SpeechStretch)? {
        guard let type = fields.first, rttmTypes.contains(type) else {
            throw Fault(description: "\(fields.first ?? "") is no type of a line of RTTM")
        }
        guard type == "SPEAKER" else { return nil }
        guard fields.count >= 8 else {
            throw Fault(description: "a SPEAKER line has 9 or 10 fields, this one \(fields.count)")
        }
        guard let start = time(fields[3]), let length = time(fields[4]),
            start <= MediaTime.max - length
        else {
            throw Fault(
                description: "start \(fields[3]) and length \(fields[4]) are no numbers of seconds")
        }
        var stretch = SpeechStretch(start: start, end: start + length)
        if fields[2] != "<NA>" {
            guard let channel = Int(fields[2]), 1...1_024 ~= channel else {
                throw Fault(description: "channel \(fields[2]) is no number from 1")
            }
            stretch.channel = channel - 1
        }
        if fields[7] != "<NA>" { stretch.speaker = String(fields[7]) }
        return (String(fields[1]), stretch)
    }

    private static func kaldiSegments(
        _ fields: [Substring]
    ) throws(Fault) -> (recording: String, stretch: SpeechStretch)? {
        guard 4...5 ~= fields.count else {
            throw Fault(
                description:
                    "a line of segments has 4 fields (utterance recording start end), this one "
                    + "\(fields.count)")
        }
        guard let start = time(fields[2]), let end = time(fields[3]), start < end else {
            throw Fault(
                description: "start \(fields[2]) and end \(fields[3]) are no seconds in order")
        }
        var stretch = SpeechStretch(start: start, end: end)
        if fields.count == 5 {
            guard let channel = channel(fields[4]) else {
                throw Fault(description: "channel \(fields[4]) is no letter and no number from 0")
            }
            stretch.channel = channel
        }
        return (String(fields[1]), stretch)
    }

    /// Kaldi's tools take numbers from 0; letters are NIST's.
    static func channel(_ text: Substring) -> Int? {
        if let number = Int(text) { return 0..<1_024 ~= number ? number : nil }
        guard text.utf8.count == 1, let byte = text.utf8.first,
            (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
        else { return nil }
        return Int(byte - UInt8(ascii: "A"))
    }

    private static func time(_ text: Substring) -> MediaTime? {
        Array(text.utf8).withUnsafeBytes { MediaTime(seconds: $0) }
    }
}
