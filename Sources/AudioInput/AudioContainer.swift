/// What a file's first bytes say it is; names and extensions are never asked.
enum AudioContainer: Equatable {
    case flac
    case ogg
    case wave
    /// A type that only ffmpeg reads, by the name of its demuxer.
    case foreign(demuxer: String)
    /// A type that libsndfile reads or nobody does.
    case other

    /// - Parameter head: the first bytes of the file, behind any ID3 tag; 64 or all.
    /// - Parameter isTagged: an ID3 tag stood before them, as MPEG audio has it.
    init(head: [UInt8], isTagged: Bool) {
        func has(_ text: StaticString, at offset: Int = 0) -> Bool {
            let count = text.utf8CodeUnitCount
            guard head.count >= offset + count else { return false }
            return head[offset..<offset + count].elementsEqual(
                UnsafeBufferPointer(start: text.utf8Start, count: count))
        }
        func has(_ bytes: [UInt8]) -> Bool { head.starts(with: bytes) }

        if has("fLaC") {
            self = .flac
        } else if has("OggS") {
            self = .ogg
        } else if has("RIFF") || has("RF64"), has("WAVE", at: 8) {
            self = .wave
        } else if has("RIFF"), has("AVI ", at: 8) {
            self = .foreign(demuxer: "avi")
        } else if has("ftyp", at: 4) || has("moov", at: 4) || has("mdat", at: 4)
            || has("wide", at: 4)
        {
            self = .foreign(demuxer: "mov")
        } else if has([0x1A, 0x45, 0xDF, 0xA3]) {
            self = .foreign(demuxer: "matroska")
        } else if has("wvpk") {
            self = .foreign(demuxer: "wv")
        } else if has([0x30, 0x26, 0xB2, 0x75, 0x8E, 0x66, 0xCF, 0x11]) {
            self = .foreign(demuxer: "asf")
        } else if has("#!AMR") {
            self = .foreign(demuxer: "amr")
        } else if has("MAC ") {
            self = .foreign(demuxer: "ape")
        } else if has("TTA1") {
            self = .foreign(demuxer: "tta")
        } else if has("MPCK") {
            self = .foreign(demuxer: "mpc8")
        } else if has("MP+") {
            self = .foreign(demuxer: "mpc")
        } else if has("FLV") {
            self = .foreign(demuxer: "flv")
        } else if has("caff") {
            self = .foreign(demuxer: "caf")
        } else if has("FORM"), has("AIFC", at: 8) {
            self = .foreign(demuxer: "aiff")
        } else if has([0x0B, 0x77]) {
            self = .foreign(demuxer: "ac3")
        } else if head.count > 1, head[0] == 0xFF, head[1] & 0xF6 == 0xF0 {
            // ADTS; MPEG audio has the same sync word but never layer bits of zero.
            self = .foreign(demuxer: "aac")
        } else if head.count > 1, head[0] == 0xFF, head[1] & 0xE0 == 0xE0 {
            self = .foreign(demuxer: "mp3")
        } else if isTagged {
            // Junk between tag and first frame: ffmpeg looks for the sync word, libsndfile does not.
            self = .foreign(demuxer: "mp3")
        } else {
            self = .other
        }
    }

    /// The demuxer that ffmpeg is told to use, so that it cannot guess a type that reads others.
    var demuxer: String? {
        switch self {
        case .flac: "flac"
        case .ogg: "ogg"
        case .wave: "wav"
        case .foreign(let demuxer): demuxer
        case .other: nil
        }
    }

    /// The length of an ID3v2 tag at the start of `head`; 0 if there is none.
    static func tagLength(_ head: [UInt8]) -> Int {
        guard head.count >= 10, head.starts(with: Array("ID3".utf8)) else { return 0 }
        let size = head[6..<10].reduce(0) { $0 << 7 | Int($1 & 0x7F) }
        let footer = head[5] & 0x10 == 0 ? 0 : 10
        return 10 + size + footer
    }
}
