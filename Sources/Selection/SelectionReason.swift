/// Why a row is not kept; the first reason that applies is told.
package enum SelectionReason: UInt8, CaseIterable, Sendable {
    case notTranscribed = 1, channels, empty, unmeasured, outside
    case confidence, rowErrors, seconds, rate, repetition, loop, script, language
    case clipping, level, bandwidth, silence, disagreement
    case duplicate, duplicateAudio, speakerHours, folderHours, wer, hours

    /// As it stands in `rejected.jsonl`.
    package var name: String {
        switch self {
        case .notTranscribed: "not_transcribed"
        case .channels: "channels"
        case .empty: "empty"
        case .unmeasured: "unmeasured"
        case .outside: "outside"
        case .confidence: "confidence"
        case .rowErrors: "row_wer"
        case .seconds: "seconds"
        case .rate: "rate"
        case .repetition: "repetition"
        case .loop: "loop"
        case .script: "script"
        case .language: "language"
        case .clipping: "clipping"
        case .level: "level"
        case .bandwidth: "bandwidth"
        case .silence: "silence"
        case .disagreement: "disagreement"
        case .duplicate: "duplicate"
        case .duplicateAudio: "duplicate_audio"
        case .speakerHours: "speaker_hours"
        case .folderHours: "folder_hours"
        case .wer: "wer"
        case .hours: "hours"
        }
    }

    /// For people.
    package var sentence: String {
        switch self {
        case .notTranscribed: "no transcript"
        case .channels: "a transcript for each channel"
        case .empty: "no word"
        case .unmeasured: "something that is asked for was not measured"
        case .outside: "unlike what was calibrated on"
        case .confidence: "confidence below --min-confidence"
        case .rowErrors: "expected WER of the row above --row-wer"
        case .seconds: "length outside of --seconds"
        case .rate: "characters a second outside of --rate"
        case .repetition: "repetition above --repetition"
        case .loop: "the same words in a row, --loops times or more"
        case .script: "letters of another script than --script"
        case .language: "another language than --language"
        case .clipping: "clipped samples above --clipped"
        case .level: "level outside of --level"
        case .bandwidth: "bandwidth below --bandwidth"
        case .silence: "silence above --silence"
        case .disagreement: "the other output agrees less than --agreement"
        case .duplicate: "nearly the text of a row that is kept"
        case .duplicateAudio: "the recording of a row that is kept"
        case .speakerHours: "beyond --speaker-hours"
        case .folderHours: "beyond --folder-hours"
        case .wer: "would raise the expected WER above --wer"
        case .hours: "beyond --hours"
        }
    }
}
