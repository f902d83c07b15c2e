internal import Digests
internal import Files
package import Manifests
internal import SpeechTypes

/// Pairs of rows with the same audio, kept so that every run of a job has the same ones.
///
/// ```
/// header    48 bytes: "SCRTWN01" | pairs u64 | manifest SHA-256
/// pair       8 bytes: first row u32 | duplicate u32, by duplicate; little endian
/// ```
package enum DuplicateRowsFile {
    package typealias Pair = (first: Int, duplicate: Int)

    private static let magic = Array("SCRTWN01".utf8)
    private static let headerBytes = 48

    /// Writes the pairs of a manifest, complete or not at all.
    package static func write(
        _ pairs: [Pair], of manifest: IndexedManifest, to path: String
    ) throws(ManifestError) {
        try ManifestError.storing { () throws(FileError) in
            let file = try AtomicFile(path)
            try file.write(magic)
            try file.write(little(UInt64(pairs.count)))
            try file.write(manifest.digest.bytes)
            for pair in pairs {
                try file.write(little(UInt32(pair.first)))
                try file.write(little(UInt32(pair.duplicate)))
            }
            try file.commit()
        }
    }

    /// The pairs that were written for this very manifest; nil if there are none.
    package static func read(
        _ path: String, of manifest: IndexedManifest
    ) throws(ManifestError) -> [Pair]? {
        guard let bytes = try contents(of: path, bytesMax: headerBytes + 8 * manifest.rowCount),
            bytes.count >= headerBytes, bytes[..<8].elementsEqual(magic),
            (bytes.count - headerBytes).isMultiple(of: 8),
            bytes[16..<headerBytes].elementsEqual(manifest.digest.bytes),
            number(bytes[8..<16]) == UInt64((bytes.count - headerBytes) / 8)
        else { return nil }
        var pairs: [Pair] = []
        var last = -1
        for start in stride(from: headerBytes, to: bytes.count, by: 8) {
            let first = Int(number(bytes[start..<start + 4]))
            let duplicate = Int(number(bytes[start + 4..<start + 8]))
            guard first < duplicate, duplicate < manifest.rowCount, last < duplicate else {
                return nil
            }
            last = duplicate
            pairs.append((first, duplicate))
        }
        return pairs
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    private static func little<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
        withUnsafeBytes(of: number.littleEndian) { Array($0) }
    }

    /// Nil if there is no file, or a longer one.
    private static func contents(
        of path: String, bytesMax: Int
    ) throws(ManifestError) -> [UInt8]? {
        try ManifestError.storing { () throws(FileError) in
            try OpenFile.ifPresent(PathBytes(path))?.contents(bytesMax: bytesMax)
        }
    }
}
