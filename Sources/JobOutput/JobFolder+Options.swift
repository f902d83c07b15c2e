internal import Glibc
internal import JobJournal
package import SpeechTypes

extension JobFolder {
    /// The options of the job that the folder holds.
    ///
    /// Nil if there is no job, or if its journal cannot be read, which going on with it will say.
    package func recordedOptions() -> RecognitionOptions? {
        guard access(journalPath, F_OK) == 0,
            let journal = try? JournalInspection(at: journalPath)
        else { return nil }
        defer { try? journal.close() }
        return try? journal.options()
    }
}
