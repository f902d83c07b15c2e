package import Digests
internal import Files
internal import Glibc
package import JobState
package import Manifests
package import SpeechTypes
internal import StrictJSON

/// The outputs of all parts of a job, joined into the output of the whole.
package struct PartJoin: Sendable {
    /// One part's output, and what its report says of it.
    package struct Part: Sendable {
        package let output: String
        package let report: ReportFile
        package let part: JobPart

        /// - Throws: ``ManifestError`` if there is no report, or the output is no part.
        package init(output: String) throws(ManifestError) {
            guard let report = try ReportFile.read(ReportFile.path(ofOutput: output)) else {
                throw ManifestError(
                    .invalid, output,
                    "no report beside it: not finished yet, or moved without it; finish the part first"
                )
            }
            guard let part = report.identity.part else {
                throw ManifestError(
                    .invalid, output,
                    "the output of a whole job, not of a part (--part K/N)")
            }
            self.output = output
            self.report = report
            self.part = part
        }
    }

    /// What was written.
    package struct Written: Sendable {
        package var rows: Int
        package var counts: [RowStatus: Int]
        package var digest: ContentDigest
    }

    /// In order.
    package let parts: [Part]
    /// Of the whole.
    package let identity: JobIdentity

    /// Puts the parts in order and checks that they are all parts of one job.
    ///
    /// - Throws: ``ManifestError`` that says which does not fit, or which is missing.
    package init(_ parts: [Part]) throws(ManifestError) {
        let sorted = parts.sorted { $0.part.number < $1.part.number }
        guard let first = sorted.first else {
            throw ManifestError(.invalid, "", "no parts to join")
        }
        let rows = sorted.reduce(0) { $0 + $1.report.rows }
        var whole = first.report.identity
        whole.part = nil
        whole.rowCount = rows
        // A part none of whose rows needed a worker has none resolved, and fits every other.
        let resolved = sorted.map(\.report.identity.arithmetic).first {
            $0 != JobIdentity.automaticArithmetic
        }
        whole.arithmetic = resolved ?? whole.arithmetic
        // Parts may be of different releases: the report and the digests say which rows are whose.
        whole.engineNumber =
            sorted.map(\.report.identity.engineNumber).max() ?? whole.engineNumber
        for part in sorted {
            guard part.part.count == first.part.count else {
                throw ManifestError(
                    .invalid, part.output,
                    "part \(part.part.text), but \(first.output) is part \(first.part.text)")
            }
            var own = part.report.identity
            own.part = nil
            own.rowCount = rows
            own.engineNumber = whole.engineNumber
            let differences = own.differences(from: whole, facts: nil).map { part in
                let options = own.options.differences(from: whole.options)
                return part == .options
                    ? "options (\(options.joined(separator: "; ")))" : part.rawValue
            }
            guard differences.isEmpty else {
                throw ManifestError(
                    .invalid, part.output,
                    "a part of another job than \(first.output): \(differences.joined(separator: ", "))"
                )
            }
        }
        var ordered: [Part] = []
        for number in 1...first.part.count {
            let those = sorted.filter { $0.part.number == number }
            guard those.count < 2 else {
                throw ManifestError(
                    .invalid, those[1].output,
                    "part \(those[1].part.text) is given twice: \(those[0].output) too")
            }
            guard let that = those.first else {
                throw ManifestError(
                    .invalid, first.output, "part \(number)/\(first.part.count) is missing")
            }
            ordered.append(that)
        }
        for that in ordered {
            guard that.report.rows == that.part.rows(of: rows).count else {
                throw ManifestError(
                    .invalid, that.output,
                    "\(that.report.rows) rows, but part \(that.part.text) of \(rows) rows has "
                        + "\(that.part.rows(of: rows).count)")
            }
        }
        self.parts = ordered
        identity = whole
    }

    /// Bytes that ``write(to:)`` reads: outputs and features once, their digests twice.
    package var bytesToRead: Int {
        parts.reduce(0) { sum, part in
            func size(_ path: String) -> Int {
                var status = stat()
                return stat(path, &status) == 0 ? Int(status.st_size) : 0
            }
            let features =
                identity.options.hasFeatures
                ? size(FeaturesFile.path(ofOutput: part.output)) : 0
            return sum + size(part.output) + features + 2
                * size(DigestsFile.path(ofOutput: part.output))
        }
    }

    /// Writes the joined output, its digests and its report; the output is complete or absent.
    ///
    /// - Throws: ``ManifestError`` if a part's files are not those that its report names, `FileError` if
    ///   the output cannot be written.
    package func write(to output: String) throws -> Written {
        let file = try AtomicFile(output)
        let digestsFile = try AtomicFile(DigestsFile.path(ofOutput: output))
        let features = identity.options.hasFeatures ? try FeaturesJoin(output) : nil
        var hasher = SHA256Hasher()
        var digestsHasher = SHA256Hasher()
        var byteCount = 0
        var first = 0
        for part in parts {
            var lineCount = 0
            let lines = try OutputLines(part.output)
            let pass = try lines.forEach { line, _ in
                let bytes = line + [0x0A]
                hasher.update(bytes)
                try file.write(bytes)
                byteCount += bytes.count
                lineCount += 1
            }
            guard pass.digest == part.report.outputDigest, lineCount == part.report.rows else {
                throw ManifestError(
                    .changed, part.output,
                    "not what its report says; scriptorium verify \(part.output) tells what differs"
                )
            }
            let path = DigestsFile.path(ofOutput: part.output)
            let digest = try FileDigest.sha256(of: path)
            guard digest == part.report.digestsDigest else {
                throw ManifestError(.changed, path, "not there, or not what the report says")
            }
            let engine = part.report.identity.engineNumber
            try DigestsFile.forEachEntry(path) { entry in
                let usual = engine == identity.engineNumber ? nil : engine
                let bytes = entry.line(movedBy: first, engine: usual)
                digestsHasher.update(bytes)
                try digestsFile.write(bytes)
            }
            try features?.append(part, movedBy: first)
            first += part.report.rows
        }
        let featuresDigest = try features?.commit()
        try digestsFile.commit()
        try file.commit()
        let written = Written(rows: first, counts: counts, digest: hasher.finalize())
        let report = JoinedReport(
            join: self, written: written, byteCount: byteCount,
            digestsDigest: digestsHasher.finalize(), featuresDigest: featuresDigest)
        try AtomicFile.write(report.json, to: ReportFile.path(ofOutput: output))
        return written
    }

    /// How many rows each engine made, in the order of their numbers; empty if one made all.
    package var engines: [(engine: Int, rows: Int)] {
        var sums: [Int: Int] = [:]
        for part in parts {
            let own = part.report.engines
            sums.merge(own) { $0 + $1 }
            // Its own engine's, and rows that no engine was asked for.
            let rest = part.report.rows - own.values.reduce(0, +)
            if rest > 0 { sums[part.report.identity.engineNumber, default: 0] += rest }
        }
        return sums.count < 2 ? [] : sums.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    private var counts: [RowStatus: Int] {
        parts.reduce(into: [:]) { sum, part in
            sum.merge(part.report.counts) { $0 + $1 }
        }
    }
}
