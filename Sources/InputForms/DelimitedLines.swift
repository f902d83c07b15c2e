internal import Manifests
internal import SpeechTypes

/// Records of fields with commas, semicolons or tabs between them.
///
/// With commas and semicolons fields are quoted as RFC 4180 says, so that a record may go over several
/// lines. With tabs a record is a line; a field is taken for quoted if it begins and ends with a quote and
/// has only doubled ones within, since most programs write such lists without quotes.
final class DelimitedLines {
    private let lines: InputLines
    let delimiter: UInt8

    private static let quote = UInt8(ascii: "\"")
    private static let tab = UInt8(ascii: "\t")

    /// - Parameter delimiter: nil to judge by the first line.
    /// - Throws: `ManifestError` if the file cannot be read.
    init(_ path: PathBytes, delimiter: UInt8?) throws(ManifestError) {
        lines = try InputLines(path)
        if let delimiter {
            self.delimiter = delimiter
        } else {
            self.delimiter = Self.delimiter(of: try InputLines(path).nextRow()?.bytes ?? [])
        }
    }

    /// The first of tab, comma and semicolon that stands in a header.
    private static func delimiter(of header: [UInt8]) -> UInt8 {
        [tab, UInt8(ascii: ","), UInt8(ascii: ";")].first { header.contains($0) }
            ?? UInt8(ascii: ",")
    }

    /// The next record, with the line on which it begins; nil at the end.
    ///
    /// Blank lines are passed over.
    ///
    /// - Throws: `ManifestError` with the line for quotes that do not end.
    func next() throws(ManifestError) -> (fields: [[UInt8]], line: InputLine)? {
        guard let line = try lines.nextRow() else { return nil }
        if delimiter == Self.tab {
            let fields = line.bytes.split(separator: Self.tab, omittingEmptySubsequences: false)
            return (fields.map(Self.unquoted), line)
        }
        return (try fields(of: line), line)
    }

    private func fields(of first: InputLine) throws(ManifestError) -> [[UInt8]] {
        var fields: [[UInt8]] = []
        var rest = first.bytes[...]
        var byteCount = first.bytes.count
        while true {
            var field: [UInt8] = []
            if rest.first == Self.quote {
                rest.removeFirst()
                while true {
                    guard let byte = rest.popFirst() else {
                        guard let line = try lines.next() else {
                            throw first.error("a quote that begins here does not end")
                        }
                        byteCount += line.bytes.count + 1
                        guard byteCount <= ManifestLimits.lineBytesMax else {
                            throw first.error("too long; does a quote that begins here end?")
                        }
                        field.append(0x0A)
                        rest = line.bytes[...]
                        continue
                    }
                    if byte == Self.quote {
                        guard rest.first == Self.quote else { break }
                        rest.removeFirst()
                    }
                    field.append(byte)
                }
                guard rest.isEmpty || rest.first == delimiter else {
                    throw first.error(
                        "text behind the closing quote of field \(fields.count + 1); quotes within "
                            + "a quoted field are doubled")
                }
            } else {
                field = Array(rest.prefix { $0 != delimiter })
                rest.removeFirst(field.count)
            }
            fields.append(field)
            guard rest.popFirst() != nil else { return fields }
        }
    }

    private static func unquoted(_ field: ArraySlice<UInt8>) -> [UInt8] {
        guard field.count >= 2, field.first == quote, field.last == quote else {
            return Array(field)
        }
        var rest = field.dropFirst().dropLast()
        var text: [UInt8] = []
        while let byte = rest.popFirst() {
            if byte == quote { guard rest.popFirst() == quote else { return Array(field) } }
            text.append(byte)
        }
        return text
    }
}
