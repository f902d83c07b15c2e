internal import Decompression
internal import Manifests
internal import SpeechTypes

extension PathBytes {
    /// The list of this name in a folder, as it is or compressed; nil if there is none.
    func list(_ name: PathBytes) -> PathBytes? {
        let plain = joined(name)
        let compressed = Compression.allCases.map {
            PathBytes(bytes: plain.bytes + [UInt8(ascii: ".")] + $0.nameExtension.utf8)
        }
        return ([plain] + compressed).first { FilePath.status($0)?.isRegularFile == true }
    }
}

/// Names with a range in them, which stand for the shards of a manifest: NeMo's `manifest__OP_0..3_CL_.json`
/// and `manifest_{0..3}.json` are `manifest_0.json` to `manifest_3.json`.
///
/// `_OP_` and `_CL_` are NeMo's names for braces that no shell expands.
enum ShardNames {
    /// More than any data set has.
    static let countMax = 100_000

    /// The names that a name with one range stands for; nil for a name without one.
    ///
    /// - Throws: `ManifestError` for a range that leads nowhere.
    static func expanded(_ path: PathBytes) throws(ManifestError) -> [PathBytes]? {
        let text = path.text
        guard path.isText,
            let range = text.firstMatch(of: /(?:_OP_|\{)([0-9]{1,9})\.\.([0-9]{1,9})(?:_CL_|\})/)
        else { return nil }
        let (first, last) = (String(range.output.1), String(range.output.2))
        guard let start = Int(first), let end = Int(last), start <= end,
            end - start < countMax
        else {
            throw ManifestError(
                .invalid, text, "the range \(first)..\(last) is not one of 1 to \(countMax) numbers"
            )
        }
        // As in shells, a zero in front makes all numbers as wide.
        let isPadded =
            first.count > 1 && first.hasPrefix("0") || last.count > 1 && last.hasPrefix("0")
        let width = isPadded ? max(first.count, last.count) : 0
        return (start...end).map { number in
            let digits = String(number)
            let zeros = String(repeating: "0", count: max(0, width - digits.count))
            return PathBytes(
                text.replacingCharacters(range.range, by: zeros + digits))
        }
    }
}

extension String {
    fileprivate func replacingCharacters(_ range: Range<Index>, by text: String) -> String {
        String(self[..<range.lowerBound]) + text + String(self[range.upperBound...])
    }
}
