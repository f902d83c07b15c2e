internal import Glibc

/// How many rows have a field of their own that records keep under another name (``KeptMembers``).
package enum SourceFieldCount {
    /// Counts rows by the names of such fields, in the order of the names.
    ///
    /// Most lines hold none of the names, which is seen without reading them as JSON.
    ///
    /// - Parameter rows: the ordinals that are counted; nil for all.
    /// - Throws: `ManifestError` if the manifest cannot be read.
    package static func count(
        inManifest path: String, rows: Range<Int>? = nil, shape: RecordShape,
        fields: TranscriptFields = .current
    ) throws(ManifestError) -> [(name: String, rows: Int)] {
        let names = fields.displacing(in: shape).map {
            Array("\"\($0.name)\"".utf8)
        }
        var counts: [String: Int] = [:]
        let lines = try LineReader(path)
        var ordinal = -1
        while let line = try lines.nextRow() {
            ordinal += 1
            if let rows, !rows.contains(ordinal) { continue }
            guard mayHold(line.bytes, names),
                let object = try? ManifestRow.strictObject(line.bytes)
            else { continue }
            let kept = KeptMembers(of: object, shape: shape, fields: fields)
            for name in kept.renamed { counts[name, default: 0] += 1 }
        }
        return counts.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// Whether one of `names`, quotes included, stands in a line, or may stand there in another spelling.
    private static func mayHold(_ line: [UInt8], _ names: [[UInt8]]) -> Bool {
        line.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return false }
            if memchr(base, Int32(UInt8(ascii: "\\")), bytes.count) != nil { return true }
            var start = 0
            while let quote = memchr(base + start, Int32(UInt8(ascii: "\"")), bytes.count - start) {
                let place = UnsafeRawPointer(quote) - base
                if names.contains(where: { bytes[place...].starts(with: $0) }) { return true }
                start = place + 1
            }
            return false
        }
    }
}
