internal import Digests

/// Everything that says which job a journal is of, in one text that vouches for itself.
///
/// One `name:bytes:value` line a field, ended by LF, and a last line with the CRC-32C of the others.
/// The journal keeps it in several places, so that one damaged page does not take a job's name.
package struct JobHeader: Hashable, Sendable {
    package let fields: [JobDescription.Part]

    package init(fields: [JobDescription.Part]) {
        self.fields = fields
    }

    /// Reads a header; nil if a byte of it is not what was written.
    package init?(text: String) {
        var rest = Array(text.utf8)[...]
        var fields: [JobDescription.Part] = []
        func take(until end: UInt8) -> String? {
            guard let place = rest.firstIndex(of: end) else { return nil }
            defer { rest = rest[(place + 1)...] }
            return String(decoding: rest[..<place], as: UTF8.self)
        }
        while !rest.isEmpty {
            guard let name = take(until: UInt8(ascii: ":")),
                let count = take(until: UInt8(ascii: ":")).flatMap({ Int($0) }),
                (0..<rest.count).contains(count), rest[rest.startIndex + count] == 0x0A
            else { return nil }
            let value = String(decoding: rest.prefix(count), as: UTF8.self)
            rest = rest.dropFirst(count + 1)
            fields.append(JobDescription.Part(name: name, value: value))
        }
        guard let last = fields.popLast(), last.name == "checksum" else { return nil }
        self.init(fields: fields)
        guard last.value == checksum else { return nil }
    }

    package var text: String {
        lines + "checksum:\(checksum.utf8.count):\(checksum)\n"
    }

    package subscript(name: String) -> String? {
        fields.first { $0.name == name }?.value
    }

    /// Rows of the job.
    package var rowCount: Int { Self.count(self["rows"]) ?? 0 }

    /// Whether the job has features of its rows.
    package var hasFeatures: Bool { self[JobDescription.optionPrefix + "features"] == "on" }

    /// A number of rows that a job may have; nil for what is none.
    package static func count(_ text: String?) -> Int? {
        guard let count = text.flatMap({ Int($0) }), (0...rowsMax).contains(count) else {
            return nil
        }
        return count
    }

    /// Rows are numbered with 32 bits.
    private static let rowsMax = Int(UInt32.max) - 1

    private var lines: String {
        fields.map { "\($0.name):\($0.value.utf8.count):\($0.value)\n" }.joined()
    }

    private var checksum: String { String(CRC32C.checksum(of: Array(lines.utf8)), radix: 16) }
}
