package import Digests
package import Manifests
package import SpeechTypes

/// An output held against its input and against the digests of what was recorded.
///
/// Needs no model and no audio. Holds about 100 bytes a row.
package struct OutputCheck: Sendable {
    package private(set) var differences: DifferenceList
    /// SHA-256 of the output as it is.
    package let digest: ContentDigest
    /// Lines of the output.
    package let lineCount: Int
    /// How many of them end in each way.
    package private(set) var counts: [RowStatus: Int] = [:]
    /// Rows that a worker can be asked for again: transcribed, or rejected for their audio.
    package private(set) var repeatable: [Int] = []

    private let lines: OutputLines
    private let manifest: IndexedManifest
    private let reading: RecordReading
    private let places: [Range<Int>]
    private let alignment: LineAlignment

    /// Checks the output at `path`.
    ///
    /// - Parameter digests: of what was recorded, as many as `manifest` has rows.
    /// - Parameter engine: the one that the job is of.
    /// - Throws: ``ManifestError`` if a file cannot be read.
    package init(
        of path: String, manifest: IndexedManifest, digests: RowDigests, engine: Int,
        shape: RecordShape, differences: DifferenceList
    ) throws {
        precondition(digests.rowCount == manifest.rowCount, "a row has one digest")
        self.differences = differences
        self.manifest = manifest
        let reading = RecordReading(
            manifest: manifest, shape: shape,
            fields: TranscriptFields(engine: engine),
            fieldsOfOthers: Dictionary(
                uniqueKeysWithValues: digests.otherEngines.keys.map {
                    ($0, TranscriptFields(engine: $0))
                }),
            digests: digests)
        self.reading = reading
        let lines = try OutputLines(path)
        self.lines = lines
        var found: [ShortDigest] = []
        var places: [Range<Int>] = []
        var inPlace: [(row: Int, form: RecordForm)] = []
        var counts: [RowStatus: Int] = [:]
        var repeatable: [Int] = []
        let pass = try lines.forEach { bytes, place in
            let row = places.count
            places.append(place)
            let digest = SHA256Hasher.digest(of: bytes).short
            found.append(digest)
            guard row < digests.rowCount, digest == digests.records[row] else { return }
            let form = try reading.form(of: bytes, row)
            if let status = form.status { counts[status, default: 0] += 1 }
            if form.isRepeatable { repeatable.append(row) }
            if form.fault != nil { inPlace.append((row, form)) }
        }
        digest = pass.digest
        lineCount = places.count
        self.places = places
        self.counts = counts
        self.repeatable = repeatable
        alignment = LineAlignment(lines: found, rows: digests.records)
        for (row, form) in inPlace {
            self.differences.add(.changed, row: row, form.fault ?? "")
        }
        if !pass.isWhole {
            self.differences.add(
                .truncated,
                "the file is cut short: line \(places.count) has no line end")
        }
        try noteShifted(found, digests)
        try explain(found, digests)
    }

    /// The bytes of a row's record; nil if there is none in its place.
    package func record(of row: Int) throws(ManifestError) -> [UInt8]? {
        guard let line = alignment.lineOfRow[row] else { return nil }
        return try lines.bytes(at: places[line])
    }

    // MARK: What went wrong

    /// Notes rows whose record is the recorded one, in a line that is not theirs by number.
    private mutating func noteShifted(
        _ found: [ShortDigest], _ digests: RowDigests
    ) throws {
        let replaced = Set(alignment.replaced)
        for row in 0..<digests.rowCount {
            // Lines that fit by their number were noted while they were read.
            guard let line = alignment.lineOfRow[row], line != row, !replaced.contains(row),
                !Self.fits(line, found, digests)
            else { continue }
            let form = try reading.form(of: try lines.bytes(at: places[line]), row)
            count(form)
            if form.isRepeatable { repeatable.append(row) }
            if let fault = form.fault { differences.add(.changed, row: row, fault) }
        }
        repeatable.sort()
    }

    private mutating func explain(_ found: [ShortDigest], _ digests: RowDigests) throws {
        guard !(alignment.replaced.isEmpty && alignment.missing.isEmpty && alignment.extra.isEmpty)
        else { return }
        let rows = DigestPlaces(digests.records)
        var missing = Set(alignment.missing)
        for row in alignment.replaced {
            guard let line = alignment.lineOfRow[row] else { continue }
            let bytes = try lines.bytes(at: places[line])
            let form = try reading.form(of: bytes, row)
            if !Self.fits(line, found, digests) { count(form) }
            if let owner = rows.first(of: found[line], from: 0) {
                missing.remove(owner)
                differences.add(
                    .misplaced, row: row, "the record of row \(owner) stands in its place")
            } else {
                differences.add(.changed, row: row, form.fault ?? Self.valueFault(form))
            }
        }
        for line in alignment.extra {
            let bytes = try lines.bytes(at: places[line])
            // The place does not matter here: only how the record says it ended.
            if !Self.fits(line, found, digests) {
                count(reading.form(ofStray: bytes))
            }
            guard let owner = rows.first(of: found[line], from: 0) else {
                differences.add(.foreign, "line \(line + 1) is the record of no row")
                continue
            }
            if missing.remove(owner) != nil {
                differences.add(
                    .misplaced, row: owner, "its record stands out of order, in line \(line + 1)")
            } else {
                differences.add(
                    .repeated, row: owner, "its record stands again in line \(line + 1)")
            }
        }
        var gone = missing.sorted()[...]
        while let first = gone.first {
            var last = first
            gone.removeFirst()
            while gone.first == last + 1 { last = gone.removeFirst() }
            differences.add(
                Difference(.missing, row: first, lastRow: last > first ? last : nil, "no record"))
        }
    }

    private mutating func count(_ form: RecordForm) {
        if let status = form.status { counts[status, default: 0] += 1 }
    }

    /// Whether a line is the record of the row with its number.
    private static func fits(
        _ line: Int, _ found: [ShortDigest], _ digests: RowDigests
    ) -> Bool {
        line < digests.rowCount && found[line] == digests.records[line]
    }

    /// What must be wrong with a record that is well formed.
    private static func valueFault(_ form: RecordForm) -> String {
        form.status == .transcribed
            ? "pred_text, or what else was computed, is not what was recorded"
            : "its end (\(form.code?.rawValue ?? "")) is not what was recorded"
    }
}

/// How the records of a job are read.
private struct RecordReading {
    let manifest: IndexedManifest
    let shape: RecordShape
    /// Those of the job's engine.
    let fields: TranscriptFields
    /// Those of the other engines that made rows.
    let fieldsOfOthers: [Int: TranscriptFields]
    /// Know which.
    let digests: RowDigests

    /// What a record says, held against the row that it should belong to.
    func form(of record: [UInt8], _ row: Int) throws(ManifestError) -> RecordForm {
        RecordForm(
            of: record, raw: try manifest.raw(of: row),
            lineNumber: manifest.index.lineNumber(of: row), shape: shape,
            fields: digests.otherEngine(of: row).flatMap { fieldsOfOthers[$0] } ?? fields)
    }

    /// What a record says that belongs to no row: only how it ended can be told.
    func form(ofStray record: [UInt8]) -> RecordForm {
        RecordForm(
            of: record, raw: [], lineNumber: 1, shape: shape, fields: fields)
    }
}

extension RecordForm {
    fileprivate var isRepeatable: Bool {
        fault == nil
            && (status == .transcribed
                || status == .rejected && code.map { !$0.isFoundAtPlanning } == true)
    }
}
