package import SpeechTypes

extension FailureCode {
    /// Whether another row with the same audio ends the same way: not where a path or a server is at
    /// fault.
    package var isAboutAudio: Bool {
        switch self {
        case .audioNotFound, .audioForbiddenPath, .audioUnsupportedLocation, .audioCommandFailed,
            .quarantinedSource, .manifestInvalidJSON, .manifestInvalidUTF8, .manifestTooLong,
            .manifestMissingField,
            .manifestBadPath, .logitsNotFound, .textNotFound, .textUnspellable, .textTooLong,
            .textTooLarge, .hotwordsUnusable, .segmentsUnusable, .languageUnknown:
            false
        // A span beyond the end of the audio is a bad one too.
        case .manifestBadSpan, .audioUnsupported, .audioEncrypted, .audioDamaged, .audioEmpty,
            .audioOnlyZeros, .audioSampleRate, .audioChannel, .audioTooLong,
            .audioNotFinite, .logitsUnusable, .quarantinedCrash, .quarantinedEngine,
            .quarantinedMemory:
            true
        }
    }
}
