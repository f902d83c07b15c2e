internal import Digests
internal import GRDB
internal import JobState
internal import SpeechTypes
internal import Threading

/// What a salvage came to.
package struct SalvageResult: Hashable, Sendable {
    /// Rows whose outcome, and record where they have one, are what was written.
    package var rowsKept = 0
    /// Rows of the job.
    package var rowCount = 0
    /// Whether the journal still says which job it is of; without that nothing can be kept.
    package var isNamed = false
}

/// Copies the rows that are whole out of a damaged journal.
///
/// Page by page, and not through the file's trees: a damaged page costs the rows that lie on it and
/// no others. Every row is held against its checksum, and every record against its digest.
package enum JournalSalvage {
    /// Makes a new journal at `target` from the one at `path`, which is only read.
    ///
    /// Open no connection to `path` meanwhile. Nothing is made if the job cannot be told any more.
    package static func run(
        from path: String, to target: String, host: String
    ) throws(JournalError) -> SalvageResult {
        let pages = try DatabasePages(path: path)
        // Once for what the job is, once for its rows.
        WorkMeter.shared.begin("reading the damaged journal", .pages, total: 2 * pages.pageCount)
        let survey = Survey(pages)
        guard let header = survey.header else { return SalvageResult() }
        do {
            let builder = try JournalBuilder(at: target)
            do {
                var result = SalvageResult(rowCount: header.rowCount, isNamed: true)
                try builder.begin(
                    header, epoch: survey.epoch + epochsMissed, host: host,
                    lease: survey.lease + leasesMissed)
                // What the first worker fixed holds for every record: without it none can be kept.
                if header["facts.arithmetic"] != nil {
                    try copy(pages, of: header, to: builder)
                }
                result.rowsKept = try matched(builder, of: header, epoch: survey.epoch)
                try builder.finish()
                return result
            } catch {
                builder.abandon()
                throw error
            }
        } catch {
            throw JournalError(error, path: target)
        }
    }

    /// Numbers beyond the highest that was found: higher ones may have been on a page that is lost.
    private static let epochsMissed = 1_000
    private static let leasesMissed = 1_000_000
    /// Pages whose rows are written in one transaction.
    private static let pagesPerTransaction = 2_048

    /// What the job is, and which numbers have been given out.
    private struct Survey {
        /// Nil if no copy of it is whole.
        var header: JobHeader?
        var epoch = 0
        var lease = 0

        init(_ pages: DatabasePages) {
            var newest = -1
            for number in 1...max(1, pages.pageCount) {
                WorkMeter.shared.advance(1, .pages)
                for cell in pages.cells(onPage: number) {
                    switch cell.values.count {
                    // A field of the job: the newest copy of its header.
                    case 2 where cell.rowID == nil:
                        guard cell.values[0].text == "card" else { continue }
                        take(cell.values[1], age: .max, &newest)
                    // An epoch.
                    case 4:
                        guard let number = cell.rowID else { continue }
                        if take(cell.values[3], age: number, &newest) {
                            epoch = max(epoch, number)
                        }
                    case StoredOutcome.columnCount:
                        guard let outcome = SalvagedCell.outcome(cell) else { continue }
                        lease = max(lease, outcome.lease)
                    // A lease: its number, and in its session's number the epoch.
                    case 9:
                        guard let number = cell.rowID, (1..<1 << 48).contains(number),
                            let session = cell.values[3].integer,
                            (0..<1 << 52).contains(session)
                        else { continue }
                        lease = max(lease, number)
                        epoch = max(epoch, session >> 32)
                    default: continue
                    }
                }
            }
        }

        /// - Returns: whether the value is a header.
        @discardableResult
        private mutating func take(
            _ value: StoredValue, age: Int, _ newest: inout Int
        ) -> Bool {
            guard let header = value.text.flatMap({ JobHeader(text: $0) }) else {
                return false
            }
            if age > newest { (self.header, newest) = (header, age) }
            return true
        }
    }

    private static func copy(
        _ pages: DatabasePages, of header: JobHeader, to builder: JournalBuilder
    ) throws {
        let rowCount = header.rowCount
        for first in stride(from: 1, through: pages.pageCount, by: pagesPerTransaction) {
            try builder.write { db in
                for page in first...min(pages.pageCount, first + pagesPerTransaction - 1) {
                    WorkMeter.shared.advance(1, .pages)
                    for cell in pages.cells(onPage: page) {
                        if let outcome = SalvagedCell.outcome(cell) {
                            guard (0..<rowCount).contains(outcome.ordinal) else { continue }
                            try JournalBuilder.add(outcome, to: db)
                        } else if let (ordinal, record) = SalvagedCell.record(cell),
                            (0..<rowCount).contains(ordinal)
                        {
                            try JournalBuilder.add(record, of: ordinal, to: db)
                        } else if let (ordinal, engine) = SalvagedCell.engine(cell),
                            (0..<rowCount).contains(ordinal)
                        {
                            try JournalBuilder.add(engine: engine, of: ordinal, to: db)
                        } else if header.hasFeatures,
                            let (ordinal, features) = SalvagedCell.features(cell),
                            (0..<rowCount).contains(ordinal)
                        {
                            try StoredFeatures.add(features, of: ordinal, to: db)
                        }
                    }
                }
            }
        }
    }

    /// Drops outcomes whose record is not theirs or whose features are lost, and records and features
    /// without an outcome.
    ///
    /// - Returns: how many outcomes are left.
    private static func matched(
        _ builder: JournalBuilder, of header: JobHeader, epoch: Int
    ) throws -> Int {
        try builder.write { db in
            var unmatched: [Int] = []
            let rows = try Row.fetchCursor(
                db,
                sql: """
                    SELECT \(StoredOutcome.columns), bytes FROM outcome
                    LEFT JOIN record USING (ordinal)
                    """)
            while let row = try rows.next() {
                let values = row.storedValues
                guard let outcome = StoredOutcome(values) else { continue }
                let record = values[StoredOutcome.columnCount].bytes
                // A record beside a row without a transcript is of an outcome that is lost.
                let isWhole = outcome.status != .transcribed || outcome.isOutcome(of: record)
                if !isWhole { unmatched.append(outcome.ordinal) }
            }
            if header.hasFeatures {
                unmatched += try Int.fetchAll(
                    db,
                    sql: """
                        SELECT ordinal FROM outcome WHERE status = 'transcribed'
                            AND ordinal NOT IN (SELECT ordinal FROM features)
                        """)
            }
            for ordinal in unmatched {
                try db.execute(sql: "DELETE FROM outcome WHERE ordinal = ?", arguments: [ordinal])
            }
            try db.execute(
                sql: """
                    DELETE FROM record WHERE ordinal NOT IN
                        (SELECT ordinal FROM outcome WHERE status = 'transcribed')
                    """)
            if header.hasFeatures {
                try db.execute(
                    sql: """
                        DELETE FROM features WHERE ordinal NOT IN (SELECT ordinal FROM record)
                        """)
            }
            try db.execute(
                sql: """
                    DELETE FROM former_engine WHERE ordinal NOT IN (SELECT ordinal FROM outcome)
                    """)
            let kept = try Int.fetchOne(db, sql: "SELECT count(*) FROM outcome") ?? 0
            try JournalBuilder.note(
                "journal_salvaged", "\(kept) rows were kept of a damaged journal",
                epoch: epoch, in: db)
            return kept
        }
    }
}

/// What a row on a page is of.
private enum SalvagedCell {
    static func outcome(_ cell: PageCell) -> StoredOutcome? {
        guard let ordinal = cell.rowID, cell.values.count == StoredOutcome.columnCount else {
            return nil
        }
        return StoredOutcome([.integer(ordinal)] + cell.values.dropFirst())
    }

    static func record(_ cell: PageCell) -> (ordinal: Int, bytes: [UInt8])? {
        guard let ordinal = cell.rowID, cell.values.count == 2,
            let bytes = cell.values[1].bytes
        else { return nil }
        return (ordinal, bytes)
    }

    /// The features of a row; the number of the row is in none of the columns.
    static func features(_ cell: PageCell) -> (ordinal: Int, bytes: [UInt8])? {
        guard let ordinal = cell.rowID, cell.values.count == 3, cell.values[0].isNull,
            let bytes = StoredFeatures.bytes(cell.values[1...])
        else { return nil }
        return (ordinal, bytes)
    }

    /// The former engine of a row.
    static func engine(_ cell: PageCell) -> (ordinal: Int, engine: Int)? {
        // A row of SQLite's own table of sequences begins with a name.
        guard let ordinal = cell.rowID, cell.values.count == 2, cell.values[0].isNull,
            let engine = cell.values[1].integer
        else { return nil }
        return (ordinal, engine)
    }
}
