/// Tags that stand in front of, between and behind frames: text for people, no audio.
enum MPEGTags {
    /// The bytes of the ID3v2 tag at the start of `head`; 0 if there is none.
    static func id3v2Length(_ head: some Collection<UInt8>) -> Int {
        let head = Array(head.prefix(10))
        guard head.count == 10, head.starts(with: Array("ID3".utf8)),
            head[6..<10].allSatisfy({ $0 < 0x80 })
        else { return 0 }
        let size = head[6..<10].reduce(0) { $0 << 7 | Int($1) }
        let footer = head[5] & 0x10 == 0 ? 0 : 10
        return 10 + size + footer
    }

    /// The bytes of the tag, of any kind, at the start of `head`; 0 if there is none.
    ///
    /// - Parameter head: 32 bytes, or all that there are.
    static func length(_ head: some Collection<UInt8>) -> Int {
        let id3v2 = id3v2Length(head)
        if id3v2 > 0 { return id3v2 }
        let head = Array(head.prefix(32))
        if head.starts(with: Array("TAG+".utf8)) { return 227 }
        if head.starts(with: Array("TAG".utf8)) { return 128 }
        if head.starts(with: Array("APETAGEX".utf8)), head.count == 32 {
            // The size leaves the header out; a tag that begins with one has 32 bytes more.
            let size = (12..<16).reduce(0) { $0 | Int(head[$1]) << (8 * ($1 - 12)) }
            let isHeader = head[23] & 0x20 != 0
            return isHeader ? size + 32 : 32
        }
        return 0
    }
}
