internal import Glibc
package import SpeechTypes
internal import Threading

/// What the headers of a recording say of it.
package struct RecordingLength: Hashable, Sendable {
    package var seconds: Double
    package var channels: Int

    package init(seconds: Double, channels: Int) {
        self.seconds = seconds
        self.channels = channels
    }
}

/// Finds out how long recordings are, for rows that do not say it, or not believably.
///
/// Looks at sizes and headers and decodes nothing; many files at once, since what takes the time is
/// waiting for a disk or a network. Wrong answers cost order, not results: workers correct them.
package struct LengthLookup: Sendable {
    /// What the headers of the file at a path say; nil if they say nothing, or it cannot be read.
    private let header: @Sendable (_ path: PathBytes) -> RecordingLength?
    /// Every channel is computed, not their mix.
    private let isEachChannel: Bool
    private let threads: Int

    /// Rows of one batch: what is read ahead of the index.
    static let batchRows = 2_048
    /// Files whose headers are read in one manifest; the size has to do for the rest.
    ///
    /// At a thousandth of a second for each in each thread this is half a minute.
    static let headersMax = 200_000
    /// A row that states this much or more is held against its file's header.
    ///
    /// Reading that costs nothing beside the work. Shorter ones are believed, so that a manifest of millions of segments
    /// is indexed without touching a file.
    static let checkedSeconds = 60.0

    package init(
        threads: Int = 8, isEachChannel: Bool = false,
        header: @escaping @Sendable (_ path: PathBytes) -> RecordingLength?
    ) {
        self.threads = threads
        self.isEachChannel = isEachChannel
        self.header = header
    }

    /// By sizes alone.
    static let sizes = LengthLookup { _ in nil }

    /// A row whose length is to be found out.
    struct Question: Sendable {
        let path: PathBytes
        /// The file, where the row's folder is known.
        let file: PathBytes?
        let offsetSeconds: Double
        /// Nil where it is not believable either: tools write 100000 where they know no duration.
        let statedSeconds: Double?
        /// Whether the file's header may be read.
        let readsHeader: Bool
    }

    /// The answers, in order.
    func answers(to questions: [Question]) -> [RowLength] {
        ParallelMap.map(questions, threads: threads) { answer($0) }
    }

    private func answer(_ question: Question) -> RowLength {
        let believed = question.statedSeconds
        guard let file = question.file else { return Self.length(believed) }
        if believed == nil, let member = ArchiveMember(question.path), let place = member.place {
            return RowLength(
                milliseconds: Int(
                    DurationEstimate.milliseconds(path: member.name, byteCount: place.count)))
        }
        guard let status = FilePath.status(file) else {
            return Self.length(part(file, question) ?? believed)
        }
        if question.readsHeader, status.isRegularFile, let found = header(file) {
            let left = max(0, found.seconds - question.offsetSeconds)
            // A span that goes beyond the end is what there is of it.
            return Self.length(
                min(believed ?? left, left), lanes: isEachChannel ? found.channels : 1)
        }
        if let believed { return Self.length(believed) }
        return RowLength(
            milliseconds: Int(
                DurationEstimate.milliseconds(
                    path: question.path, byteCount: Int(status.st_size))))
    }

    /// Seconds of a part of a file; nil if the path names none, or nothing is known of it.
    private func part(_ file: PathBytes, _ question: Question) -> Double? {
        guard question.readsHeader, ByteRange(file) != nil, let found = header(file) else {
            return nil
        }
        let left = max(0, found.seconds - question.offsetSeconds)
        return min(question.statedSeconds ?? left, left)
    }

    private static func length(_ seconds: Double?, lanes: Int = 1) -> RowLength {
        guard let seconds else { return RowLength(milliseconds: Int(DurationEstimate.unseen)) }
        return RowLength(
            milliseconds: Int((min(seconds, 1e6) * 1_000).rounded()),
            lanes: max(1, min(lanes, RowIndex.lanesMax)))
    }
}
