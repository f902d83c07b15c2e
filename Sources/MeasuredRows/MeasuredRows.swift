package import Manifests
internal import TranscriptRows

/// The rows of an output, one at a time, with their features.
package final class MeasuredRows {
    /// What is wrong with an output or its features, and where.
    package struct Fault: Error, Hashable, Sendable, CustomStringConvertible {
        package let description: String
    }

    private let path: String
    private let featuresPath: String?
    private let lines: LineReader
    private let features: LineReader?
    private let reading: RowReading
    private var ordinal = -1

    /// - Parameters:
    ///   - features: `OUT.features.jsonl`; nil where the output has none.
    ///   - digesting: also compute the digest of the output.
    /// - Throws: if a file cannot be read.
    package init(
        ofOutput path: String, features featuresPath: String?, _ reading: RowReading
    ) throws(ManifestError) {
        self.path = path
        self.featuresPath = featuresPath
        self.reading = reading
        lines = try LineReader(path)
        features = try featuresPath.map { path throws(ManifestError) in
            try LineReader(path)
        }
    }

    /// The next row and the line that it stands in; nil at the end.
    ///
    /// - Throws: ``Fault`` for a line that is no record, or features of other rows; `ManifestError`.
    package func next() throws -> (row: MeasuredRow, line: ManifestLine)? {
        guard let line = try lines.nextRow() else {
            if let rest = try features?.nextRow() {
                throw Fault(
                    description: "\(featuresPath ?? ""):\(rest.number): there is no such row in "
                        + "\(path); these are the features of another output")
            }
            return nil
        }
        ordinal += 1
        var row = MeasuredRow()
        row.ordinal = ordinal
        row.lineNumber = line.number
        do throws(RecordScanner.Fault) {
            row = try line.bytes.scanned { bytes throws(RecordScanner.Fault) in
                var row = row
                try reading.read(bytes, into: &row)
                return row
            }
        } catch {
            throw Fault(
                description: "\(path):\(line.number), byte \(error.offset): \(error.message); this "
                    + "is not an output of transcribe, or it is damaged (scriptorium verify tells)")
        }
        if features != nil { row.features = try nextFeatures() }
        return (row, line)
    }

    private func nextFeatures() throws -> RowFeatures? {
        guard let features, let featuresPath else { return nil }
        guard let line = try features.nextRow() else {
            throw Fault(
                description:
                    "\(featuresPath): no line for row \(ordinal) of \(path); these are not "
                    + "its features (scriptorium verify tells)")
        }
        let entry: (row: Int, features: RowFeatures?)
        do throws(RecordScanner.Fault) {
            entry = try line.bytes.scanned { bytes throws(RecordScanner.Fault) in
                try RowReading.readFeatures(bytes)
            }
        } catch {
            throw Fault(
                description: "\(featuresPath):\(line.number), byte \(error.offset): "
                    + "\(error.message); this is no line of features")
        }
        guard entry.row == ordinal else {
            throw Fault(
                description:
                    "\(featuresPath):\(line.number): the features of row \(entry.row) stand "
                    + "in the place of those of row \(ordinal) (scriptorium verify tells)")
        }
        return entry.features
    }
}

extension [UInt8] {
    fileprivate func scanned<Value>(
        _ body: (UnsafeRawBufferPointer) throws(RecordScanner.Fault) -> Value
    ) throws(RecordScanner.Fault) -> Value {
        let result = withUnsafeBytes { bytes in
            Result { () throws(RecordScanner.Fault) in try body(bytes) }
        }
        return try result.get()
    }
}
