package import JobState
package import SpeechTypes

/// The rows that ended last, for people who look at a job: a few of each kind, in bounded memory.
package struct RecentRows: Hashable, Sendable {
    /// A row without a transcript.
    package struct Failure: Hashable, Sendable {
        package let ordinal: Int
        /// Where it failed last; empty if no worker had a part in it.
        package let slot: String
        package let detail: String

        package init(ordinal: Int, slot: String, detail: String) {
            self.ordinal = ordinal
            self.slot = slot
            self.detail = String(detail.prefix(RecentRows.detailBytesMax))
        }
    }

    /// A row with one.
    package struct Transcript: Hashable, Sendable {
        package let ordinal: Int
        package let slot: String
        /// The JSON object that will stand in the output.
        package let record: [UInt8]

        package init(ordinal: Int, slot: String, record: [UInt8]) {
            self.ordinal = ordinal
            self.slot = slot
            self.record = record
        }
    }

    /// Of each code, the newest last.
    package private(set) var failures: [FailureCode: [Failure]] = [:]
    /// The newest last.
    package private(set) var transcripts: [Transcript] = []
    package private(set) var commits = 0
    package private(set) var commitNanoseconds = 0
    package private(set) var leasesGranted = 0
    package private(set) var leasesEnded: [LeaseEnd: Int] = [:]

    package static let failuresMax = 50
    package static let transcriptsMax = 20
    /// Longer records are left out: a page has no room for a day's words.
    package static let recordBytesMax = 32 << 10
    private static let detailBytesMax = 1_000

    package init() {}

    /// Rows of a job that nobody works on; of both the newest last.
    package init(failures: [FailureCode: [Failure]], transcripts: [Transcript]) {
        self.failures = failures
        self.transcripts = transcripts
    }

    /// Notes what a commit made durable.
    package mutating func add(_ entries: [JournalEntry], nanoseconds: Int) {
        commits += 1
        commitNanoseconds += nanoseconds
        for entry in entries {
            switch entry {
            case .leaseGranted: leasesGranted += 1
            case .leaseEnded(_, let end): leasesEnded[end, default: 0] += 1
            default: break
            }
            guard case .outcome(let outcome) = entry, let code = outcome.code else { continue }
            var known = failures[code] ?? []
            if known.count == Self.failuresMax { known.removeFirst() }
            known.append(
                Failure(ordinal: outcome.ordinal, slot: outcome.slot, detail: outcome.detail))
            failures[code] = known
        }
        var newest: [Transcript] = []
        for entry in entries.reversed() where newest.count < Self.transcriptsMax {
            guard case .outcome(let outcome) = entry, let record = outcome.record,
                record.count <= Self.recordBytesMax
            else { continue }
            newest.append(
                Transcript(ordinal: outcome.ordinal, slot: outcome.slot, record: record))
        }
        transcripts = Array((transcripts + newest.reversed()).suffix(Self.transcriptsMax))
    }
}
