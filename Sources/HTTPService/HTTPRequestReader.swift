/// Reads the head of a request as its bytes come, of bounded length (RFC 9112, sections 2 to 5).
package struct HTTPRequestReader {
    /// What the bytes so far are.
    package enum Outcome: Hashable {
        case more
        case request(HTTPRequest)
        case refused(HTTPReply)
    }

    /// Browsers send some hundred bytes, and a token a few more.
    package static let headBytesMax = 8 << 10

    /// Lines without their ends; the last is not whole.
    private var lines: [[UInt8]] = [[]]
    private var bytesSoFar = 0

    package init() {}

    /// What follows from more bytes; those after the head are ignored.
    package mutating func take(_ bytes: some Sequence<UInt8>) -> Outcome {
        for byte in bytes {
            bytesSoFar += 1
            guard bytesSoFar <= Self.headBytesMax else {
                return .refused(
                    HTTPReply(431, "a request has at most \(Self.headBytesMax) bytes here\n"))
            }
            let last = lines.count - 1
            if byte == UInt8(ascii: "\n") {
                if !lines[last].isEmpty {
                    lines.append([])
                } else if last > 0 {
                    return request()
                }
                // Empty lines before a request are ignored.
            } else if byte != UInt8(ascii: "\r") {
                lines[last].append(byte)
            }
        }
        return .more
    }

    private func request() -> Outcome {
        let words = String(decoding: lines[0], as: UTF8.self)
            .split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 3, words[1].hasPrefix("/"), words[2].hasPrefix("HTTP/") else {
            return .refused(HTTPReply(400, "this is no request of HTTP/1.1\n"))
        }
        guard words[2].hasPrefix("HTTP/1.") else {
            return .refused(HTTPReply(505, "HTTP/1.1 is spoken here\n"))
        }
        var fields: [String: String] = [:]
        for line in lines.dropFirst().dropLast() {
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > 0 else {
                return .refused(HTTPReply(400, "a field of the request has no name\n"))
            }
            let name = String(decoding: line[..<colon], as: UTF8.self).lowercased()
            // Of a name that stands twice, two readers could believe different values.
            guard fields[name] == nil || !["host", "authorization", "origin"].contains(name) else {
                return .refused(HTTPReply(400, "\(name) stands twice\n"))
            }
            fields[name] = Self.trimmed(line[(colon + 1)...])
        }
        let target = words[1].split(
            separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        return .request(
            HTTPRequest(
                method: String(words[0]), path: String(target[0]),
                query: target.count > 1 ? String(target[1]) : "", fields: fields))
    }

    /// Without blanks on both sides.
    private static func trimmed(_ value: ArraySlice<UInt8>) -> String {
        func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
        let tail = value.drop(while: isBlank)
        let end = tail.lastIndex { !isBlank($0) }.map { $0 + 1 } ?? tail.startIndex
        return String(decoding: tail[..<end], as: UTF8.self)
    }
}
