package import SpeechTypes

/// What an `audio_filepath` can be besides a path: an address, or a command that writes the audio.
package enum AudioLocation {
    /// Whether it is a command of a shell as Kaldi's lists have it: it ends with `|`.
    package static func isCommand(_ path: PathBytes) -> Bool {
        path.bytes.last { $0 != 0x20 && $0 != 0x09 } == UInt8(ascii: "|")
    }

    /// A command without the `|` at its end, for people.
    package static func program(ofCommand path: PathBytes) -> String {
        let end = path.bytes.lastIndex(of: UInt8(ascii: "|")) ?? path.bytes.endIndex
        let program = path.bytes[..<end]
        let last = program.lastIndex { $0 != 0x20 && $0 != 0x09 }
        return String(decoding: last.map { program[...$0] } ?? [], as: UTF8.self)
    }

    /// The scheme of an address such as `s3://bucket/a.wav`; nil for a path.
    ///
    /// A single letter before `://` is a drive of Windows; nobody reads that here, but it is a path.
    package static func scheme(of path: PathBytes) -> String? {
        let start = path.bytes.prefix(schemeBytesMax)
        guard let colon = start.firstIndex(of: UInt8(ascii: ":")), colon > 1,
            start[..<colon].allSatisfy(isSchemeByte)
        else { return nil }
        let scheme = String(decoding: start[..<colon], as: UTF8.self).lowercased()
        let rest = path.bytes[(colon + 1)...]
        let isAddress =
            rest.starts(with: "//".utf8)
            // Without an authority: Java's form of a file's address, and data in the row itself.
            || scheme == "file" && rest.starts(with: "/".utf8)
            || scheme == "data" && rest.prefix(schemeBytesMax).contains(UInt8(ascii: ","))
        return isAddress ? scheme : nil
    }

    /// Whether a path starts where its list says; of a member of an archive, whether the archive's does.
    package static func isRelative(_ path: PathBytes) -> Bool {
        let path = ArchiveMember(path)?.archive ?? path
        return !path.isAbsolute && scheme(of: path) == nil
    }

    /// A path, or the archive of a member, below `folder` if it is relative.
    package static func joined(_ path: PathBytes, to folder: PathBytes) -> PathBytes {
        guard var member = ArchiveMember(path) else {
            return scheme(of: path) == nil ? folder.joined(path) : path
        }
        member.archive = joined(member.archive, to: folder)
        return member.path
    }

    /// The path that an address of scheme `file` means on this machine; nil for any other address, and
    /// for one that names another machine.
    ///
    /// Percent signs stand for bytes (RFC 8089). Where one stands for itself, as in addresses that were
    /// made by putting `file://` before a path, all of them do.
    package static func file(ofAddress address: PathBytes) -> PathBytes? {
        guard scheme(of: address) == "file" else { return nil }
        var rest = address.bytes["file:".utf8.count...]
        if rest.starts(with: "//".utf8) {
            rest = rest.dropFirst(2)
            let host = rest.prefix { $0 != UInt8(ascii: "/") }
            guard host.isEmpty || String(decoding: host, as: UTF8.self).lowercased() == "localhost"
            else { return nil }
            rest = rest.dropFirst(host.count)
        }
        guard rest.first == UInt8(ascii: "/") else { return nil }
        return PathBytes(bytes: percentDecoded(rest) ?? Array(rest))
    }

    /// Longer than any scheme in use, and the start of a `data:` address.
    private static let schemeBytesMax = 256

    private static func isSchemeByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"),
            UInt8(ascii: "."):
            true
        default: false
        }
    }

    /// Nil if a percent sign is not followed by two digits of a byte that can stand in a path.
    private static func percentDecoded(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        var decoded: [UInt8] = []
        var rest = text
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                decoded.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(digit),
                let low = rest.popFirst().flatMap(digit), high | low != 0
            else { return nil }
            decoded.append(high << 4 | low)
        }
        return decoded
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
