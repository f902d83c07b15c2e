internal import SpeechTypes
internal import StrictJSON

/// The field of jobs whose rows name their languages.
extension TranscriptFields {
    /// The language in which the row was read, as the model calls it.
    ///
    /// A row's own member of this name stays in jobs that do not ask for it.
    static let modelLanguage = TranscriptField(
        "model_language", since: timesEngine, .string, .inRecords { $0.hasLanguages },
        encode: { content, _ in
            content.failure == nil
                ? content.language.map { name in json { $0.value(name) } } : nil
        },
        decode: { value, content, _ in
            content.language = value?.string
            return content.language != nil
        })
}
