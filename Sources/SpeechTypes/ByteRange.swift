/// A part of a file under the name that fairseq gives it: `FILE:OFFSET:LENGTH`, in bytes.
///
/// Stored (not compressed) members of zip archives are named so. Kaldi's `FILE:OFFSET` leaves out the
/// length. A file whose own name looks like that is meant where it exists.
package struct ByteRange: Hashable, Sendable {
    package let file: PathBytes
    package let offset: Int
    /// Nil to the end of what stands there.
    package let length: Int?

    /// - Returns: nil if `path` does not end with one or two numbers behind colons.
    package init?(_ path: PathBytes) {
        let colon = UInt8(ascii: ":")
        let parts = path.bytes.split(
            separator: colon, maxSplits: .max, omittingEmptySubsequences: false)
        guard let last = parts.last.flatMap(Self.number), parts.count >= 2 else { return nil }
        let before = parts.count >= 3 ? Self.number(parts[parts.count - 2]) : nil
        let tail = parts.suffix(before == nil ? 1 : 2).reduce(0) { $0 + 1 + $1.count }
        file = PathBytes(bytes: path.bytes.dropLast(tail))
        guard !file.bytes.isEmpty else { return nil }
        offset = before ?? last
        length = before == nil ? nil : last
        // Of what is beyond, no sum can be made.
        guard length.map({ !offset.addingReportingOverflow($0).overflow }) ?? true else {
            return nil
        }
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
        guard (1...19).contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains($0) })
        else { return nil }
        return Int(String(decoding: digits, as: UTF8.self))
    }
}
