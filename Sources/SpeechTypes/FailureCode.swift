/// Why a row has no transcript: the closed list that output records carry.
///
/// Raw values and messages are part of the output's bytes, so a message depends on its code only;
/// what differs from host to host goes to the report.
package enum FailureCode: String, CaseIterable, Hashable, Sendable {
    case manifestInvalidJSON = "manifest.invalid_json"
    case manifestInvalidUTF8 = "manifest.invalid_utf8"
    case manifestTooLong = "manifest.too_long"
    case manifestMissingField = "manifest.missing_field"
    case manifestBadPath = "manifest.bad_path"
    case manifestBadSpan = "manifest.bad_span"
    case audioNotFound = "audio.not_found"
    case audioUnsupportedLocation = "audio.unsupported_location"
    case audioForbiddenPath = "audio.forbidden_path"
    case audioCommandFailed = "audio.command_failed"
    case audioUnsupported = "audio.unsupported"
    case audioEncrypted = "audio.encrypted"
    case audioDamaged = "audio.damaged"
    case audioEmpty = "audio.empty"
    case audioOnlyZeros = "audio.only_zeros"
    case audioSampleRate = "audio.sample_rate"
    case audioChannel = "audio.channel"
    case audioTooLong = "audio.too_long"
    case audioNotFinite = "audio.not_finite"
    case textNotFound = "text.not_found"
    case textUnspellable = "text.unspellable"
    case textTooLong = "text.too_long"
    case textTooLarge = "text.too_large"
    case hotwordsUnusable = "hotwords.unusable"
    case segmentsUnusable = "segments.unusable"
    case languageUnknown = "language.unknown"
    case logitsNotFound = "logits.not_found"
    case logitsUnusable = "logits.unusable"
    case quarantinedCrash = "quarantined.crash"
    case quarantinedEngine = "quarantined.engine"
    case quarantinedMemory = "quarantined.memory"
    case quarantinedSource = "quarantined.source"

    /// The one sentence that stands in records beside the code.
    package var message: String {
        switch self {
        case .manifestInvalidJSON: "the line is not one strict JSON object"
        case .manifestInvalidUTF8: "the line is not valid UTF-8"
        case .manifestTooLong: "the line is longer than 30 MiB"
        case .manifestMissingField: "the row has no audio_filepath"
        case .manifestBadPath: "audio_filepath_bytes is not a path in Base64"
        case .manifestBadSpan: "offset or duration is not a usable number of seconds"
        case .audioNotFound: "the audio file does not exist or cannot be read"
        case .audioUnsupportedLocation: "the address is not a file that can be read here"
        case .audioForbiddenPath: "the path is not a regular file below the allowed folder"
        case .audioCommandFailed: "the command that writes the audio failed"
        case .audioUnsupported: "the file is not audio in a format that can be decoded"
        case .audioEncrypted: "the recording is encrypted"
        case .audioDamaged: "the audio data is damaged or ends too early"
        case .audioEmpty: "the recording or the span has no samples"
        case .audioOnlyZeros: "the file holds nothing but zero bytes"
        case .audioSampleRate: "the sample rate is outside the accepted range"
        case .audioChannel: "the recording does not have the requested channel"
        case .audioTooLong: "the recording is longer than the accepted maximum"
        case .audioNotFinite: "the samples include NaN or infinite values"
        case .textNotFound: "the row has no text to align, or its file cannot be read"
        case .textUnspellable: "the text has characters that the model has no symbols for"
        case .textTooLong: "the text has more letters than the audio has frames"
        case .textTooLarge: "text and recording are too long to be aligned exactly"
        case .hotwordsUnusable: "the row's hotwords are not phrases with weights"
        case .segmentsUnusable: "the row's segments are no stretches of its audio"
        case .languageUnknown: "the row names no language that the model has"
        case .logitsNotFound: "the file of log-probabilities does not exist or cannot be read"
        case .logitsUnusable: "the file does not hold log-probabilities of this alphabet"
        case .quarantinedCrash: "the row was in the engine alone each time that its worker was lost"
        case .quarantinedEngine: "the engine failed on the row on every worker that tried"
        case .quarantinedMemory: "the row needs more memory than any worker has"
        case .quarantinedSource: "the source of the audio stayed unavailable"
        }
    }

    /// The row's line is at fault, so that no worker ever sees it.
    package var isFoundAtPlanning: Bool { rawValue.hasPrefix("manifest.") }

    /// Rejected rows can never work; quarantined ones were given up and can be tried again.
    package var status: RowStatus {
        rawValue.hasPrefix("quarantined.") ? .quarantined : .rejected
    }
}

/// The three ends that a row can have.
package enum RowStatus: String, CaseIterable, Hashable, Sendable {
    case transcribed
    case rejected
    case quarantined
}
