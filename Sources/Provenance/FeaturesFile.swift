package import Digests
package import Manifests
package import SpeechTypes

/// `OUT.features.jsonl`: one line for each row of an output, in its order, with what the row is like.
///
/// `{"row":0,"status":"transcribed",…}`; rows without a transcript have no more than that. Written where
/// a job has features, whole or not at all.
package enum FeaturesFile {
    package static func path(ofOutput output: String) -> String { output + ".features.jsonl" }

    /// A line with its end.
    ///
    /// - Parameter features: the JSON object of a transcribed row; nil for others.
    package static func line(row: Int, status: RowStatus, features: [UInt8]?) -> [UInt8] {
        let start = #"{"row":\#(row),"status":"\#(status.rawValue)""#
        guard let features, features.count > 2 else { return Array("\(start)}\n".utf8) }
        return Array("\(start),".utf8) + features.dropFirst() + [0x0A]
    }

    /// What one line says.
    package struct Entry: Hashable, Sendable {
        package var row: Int
        package var status: RowStatus
        /// As ``FeaturesFile/line(row:status:features:)`` takes them.
        package var features: [UInt8]?

        /// Reads a line without its end; nil if it begins otherwise than ours do.
        package init?(_ line: [UInt8]) {
            let start = Array(#"{"row":"#.utf8), middle = Array(#","status":""#.utf8)
            guard line.starts(with: start), line.last == UInt8(ascii: "}") else { return nil }
            let digits = line[start.count...].prefix { (0x30...0x39).contains($0) }
            let rest = line[digits.endIndex...]
            guard digits.count < 19, let row = Int(String(decoding: digits, as: UTF8.self)),
                rest.starts(with: middle)
            else { return nil }
            let name = rest[(rest.startIndex + middle.count)...].prefix { $0 != UInt8(ascii: "\"") }
            guard let status = RowStatus(rawValue: String(decoding: name, as: UTF8.self)) else {
                return nil
            }
            self.row = row
            self.status = status
            let features = line[name.endIndex...].dropFirst()
            if features.count > 1 {
                guard features.first == UInt8(ascii: ",") else { return nil }
                self.features = [UInt8(ascii: "{")] + features.dropFirst()
            }
            guard status == .transcribed || self.features == nil else { return nil }
        }

        /// The first 16 bytes of SHA-256 of the features; zero without any.
        package var digest: ShortDigest {
            features.map { SHA256Hasher.digest(of: $0).short } ?? .zero
        }
    }
}

/// The file of features beside an output, held against what was recorded.
package struct FeaturesCheck: Sendable {
    package private(set) var differences: DifferenceList
    /// SHA-256 of the file as it is.
    package let digest: ContentDigest
    package let lineCount: Int
    private let lines: OutputLines
    private let places: [Range<Int>]

    /// Checks the file at `path`.
    ///
    /// - Parameter digests: of what was recorded.
    /// - Throws: `ManifestError` if the file cannot be read.
    package init(of path: String, digests: RowDigests, differences: DifferenceList) throws {
        self.differences = differences
        let lines = try OutputLines(path)
        var places: [Range<Int>] = []
        var found: [(row: Int, text: String)] = []
        var foundMore = 0
        let pass = try lines.forEach { bytes, place in
            let row = places.count
            places.append(place)
            guard let fault = Self.fault(of: bytes, row, digests) else { return }
            if found.count < 1_000 { found.append((row, fault)) } else { foundMore += 1 }
        }
        for (row, fault) in found {
            self.differences.add(.features, row: row, "\(path): \(fault)")
        }
        if foundMore > 0 {
            self.differences.add(.features, "\(path): \(foundMore) more rows differ")
        }
        if places.count < digests.rowCount {
            self.differences.add(
                Difference(
                    .features, row: places.count,
                    lastRow: places.count + 1 < digests.rowCount ? digests.rowCount - 1 : nil,
                    "\(path): no line"))
        }
        if !pass.isWhole {
            self.differences.add(
                .features, "\(path) is cut short: line \(places.count) has no line end")
        }
        digest = pass.digest
        lineCount = places.count
        self.lines = lines
        self.places = places
    }

    /// What is wrong with a line; nil if nothing is.
    private static func fault(of line: [UInt8], _ row: Int, _ digests: RowDigests) -> String? {
        guard row < digests.rowCount else { return "a line more than there are rows" }
        guard let entry = FeaturesFile.Entry(line) else { return "this is no line of features" }
        guard entry.row == row else { return "the features of row \(entry.row) stand in its place" }
        let recorded = digests.features(of: row)
        guard entry.digest == recorded else {
            return recorded == .zero
                ? "it has features, and none were recorded"
                : "its features are not what was recorded"
        }
        return nil
    }

    /// The features of a row as the file has them; nil if it has none there.
    package func features(of row: Int) throws(ManifestError) -> [UInt8]? {
        guard places.indices.contains(row) else { return nil }
        return FeaturesFile.Entry(try lines.bytes(at: places[row]))?.features
    }
}
