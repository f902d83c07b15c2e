internal import Glibc
internal import JobJournal
package import Processes
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

    /// The features of all recorded rows, in order; nil for rows without any.
    package func recordedFeatures() throws(RuntimeError) -> [[UInt8]?] {
        do throws(JournalError) {
            let journal = try JournalInspection(at: journalPath)
            defer { try? journal.close() }
            var features: [[UInt8]?] = []
            while true {
                let rows = try journal.recordedRows(from: features.count, .end)
                if rows.isEmpty { return features }
                features += rows.map(\.features)
            }
        } catch {
            throw RuntimeError(error)
        }
    }
}

extension JobFolder {
    /// What the files of the journal take of their disk, of the job that writes `output`; 0 while there are none.
    package static func journalBytes(ofOutput output: String) -> Int {
        ["", "-wal"].reduce(0) { sum, suffix in
            var status = stat()
            guard stat("\(output).job/journal.sqlite\(suffix)", &status) == 0 else { return sum }
            return sum + Int(status.st_size)
        }
    }
}
