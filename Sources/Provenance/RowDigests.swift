package import Digests

/// What the records and the audio of all rows should be, by ordinal.
///
/// Takes 32 bytes a row, 2 more where several engines made the rows, 16 more for their features, and 16 more where their
/// audio was fetched.
package struct RowDigests: Hashable, Sendable {
    /// Of each row's record.
    package var records: [ShortDigest]
    /// Of each transcribed row's decoded audio; ``ShortDigest/zero`` for the others.
    package var audio: [ShortDigest]
    /// The engine of each row up to the last one whose engine is another than the job's; 0 for the job's.
    private var engines: [UInt16] = []
    /// Of each transcribed row's features, up to the last row that has some.
    private var features: [ShortDigest] = []

    /// Of what tells each row's object, up to the last row that was fetched.
    private var objects: [ShortDigest] = []

    package init(records: [ShortDigest] = [], audio: [ShortDigest] = []) {
        self.records = records
        self.audio = audio
    }

    package var rowCount: Int { records.count }

    /// The engine that made a row, where it is another one than the job's.
    package func otherEngine(of row: Int) -> Int? {
        guard engines.indices.contains(row), engines[row] != 0 else { return nil }
        return Int(engines[row])
    }

    /// The digest of a row's features; zero for a row without any.
    package func features(of row: Int) -> ShortDigest {
        features.indices.contains(row) ? features[row] : .zero
    }

    /// Notes the digest of a row's features.
    ///
    /// - Precondition: rows are noted in their order.
    package mutating func setFeatures(_ digest: ShortDigest, of row: Int) {
        features += repeatElement(.zero, count: max(0, row + 1 - features.count))
        features[row] = digest
    }

    /// Whether a row's audio was fetched, and from another object, or another state of it; nil where that is not known.
    package func isOther(object: String, of row: Int) -> Bool? {
        guard objects.indices.contains(row), objects[row] != .zero, !object.isEmpty else {
            return nil
        }
        return objects[row] != Self.digest(ofObject: object)
    }

    /// Notes what a row's audio was fetched from; nothing for files.
    ///
    /// - Precondition: rows are noted in their order.
    package mutating func setObject(_ object: String, of row: Int) {
        guard !object.isEmpty else { return }
        objects += repeatElement(.zero, count: max(0, row + 1 - objects.count))
        objects[row] = Self.digest(ofObject: object)
    }

    private static func digest(ofObject object: String) -> ShortDigest {
        SHA256Hasher.digest(of: Array(object.utf8)).short
    }

    /// Notes that a row was made by another engine than the job's.
    ///
    /// - Precondition: engines are numbered from 1 to 65,535; rows are noted in their order.
    package mutating func setEngine(_ engine: Int, of row: Int) {
        engines += repeatElement(0, count: max(0, row + 1 - engines.count))
        engines[row] = UInt16(engine)
    }

    /// How many rows each engine other than the job's made.
    package var otherEngines: [Int: Int] {
        engines.reduce(into: [:]) { counts, engine in
            if engine != 0 { counts[Int(engine), default: 0] += 1 }
        }
    }

    /// The highest number of an engine that a row may be noted with.
    package static let engineMax = Int(UInt16.max)
}
