/// The marks by which types are known from a file's first bytes.
enum AudioSignature {
    /// Bytes that must stand at places; all of them.
    private struct Mark {
        let format: AudioFormat
        let parts: [(offset: Int, bytes: [UInt8])]

        init(_ format: AudioFormat, _ text: String, at offset: Int = 0) {
            self.format = format
            parts = [(offset, Array(text.utf8))]
        }

        init(_ format: AudioFormat, _ form: String, _ kind: String) {
            self.format = format
            parts = [(0, Array(form.utf8)), (8, Array(kind.utf8))]
        }

        init(_ format: AudioFormat, bytes: [UInt8], at offset: Int = 0) {
            self.format = format
            parts = [(offset, bytes)]
        }

        func stands(in head: [UInt8]) -> Bool {
            parts.allSatisfy { part in
                head.count >= part.offset + part.bytes.count
                    && head[part.offset..<part.offset + part.bytes.count].elementsEqual(part.bytes)
            }
        }
    }

    /// The first that stands decides.
    private static let marks: [Mark] = [
        Mark(.flac, "fLaC"),
        Mark(.ogg, "OggS"),
        Mark(.wave, "RIFF", "WAVE"),
        Mark(.bigEndianWave, "RIFX", "WAVE"),
        Mark(.rf64, "RF64", "WAVE"),
        Mark(.bw64, "BW64", "WAVE"),
        Mark(.wave64, bytes: Array("riff".utf8) + [0x2E, 0x91, 0xCF, 0x11]),
        Mark(.avi, "RIFF", "AVI "),
        Mark(.qcp, "RIFF", "QLCM"),
        Mark(.xwma, "RIFF", "XWMA"),
        Mark(.mp4, "ftyp", at: 4),
        Mark(.mp4, "moov", at: 4),
        Mark(.mp4, "mdat", at: 4),
        Mark(.mp4, "wide", at: 4),
        Mark(.mp4, "styp", at: 4),
        Mark(.matroska, bytes: [0x1A, 0x45, 0xDF, 0xA3]),
        Mark(.asf, bytes: [0x30, 0x26, 0xB2, 0x75, 0x8E, 0x66, 0xCF, 0x11]),
        Mark(.aiff, "FORM", "AIFF"),
        Mark(.aifc, "FORM", "AIFC"),
        Mark(.svx, "FORM", "8SVX"),
        Mark(.svx, "FORM", "16SV"),
        Mark(.dsdiff, "FRM8"),
        Mark(.au, ".snd"),
        Mark(.au, "dns."),
        Mark(.caf, "caff"),
        Mark(.sphere, "NIST_1A"),
        Mark(.voc, "Creative Voice File"),
        Mark(.ircam, bytes: [0x64, 0xA3]),
        Mark(.ircam, bytes: [0x00, 0x00, 0xA3, 0x64]),
        Mark(.ircam, bytes: [0x00, 0x01, 0xA3, 0x64]),
        Mark(.ircam, bytes: [0x00, 0x02, 0xA3, 0x64]),
        Mark(.ircam, bytes: [0x00, 0x03, 0xA3, 0x64]),
        Mark(.paf, " paf"),
        Mark(.paf, "fap "),
        Mark(.pvf, "PVF1"),
        Mark(.avr, "2BIT"),
        Mark(.wve, "ALawSoundFile**"),
        Mark(.mat5, "MATLAB 5.0 MAT-file"),
        Mark(.xi, "Extended Instrument: "),
        Mark(.mpegProgram, bytes: [0x00, 0x00, 0x01, 0xBA]),
        Mark(.flv, "FLV\u{1}"),
        Mark(.realMedia, ".RMF"),
        Mark(.realMedia, bytes: [0x2E, 0x72, 0x61, 0xFD]),
        Mark(.mxf, bytes: [0x06, 0x0E, 0x2B, 0x34, 0x02, 0x05, 0x01, 0x01, 0x0D, 0x01, 0x02]),
        Mark(.nut, "nut/multimedia container"),
        Mark(.wtv, bytes: [0xB7, 0xD8, 0x00, 0x20, 0x37, 0x49, 0xDA, 0x11]),
        Mark(.gxf, bytes: [0x00, 0x00, 0x00, 0x00, 0x01, 0xBC]),
        Mark(.dts, bytes: [0x7F, 0xFE, 0x80, 0x01]),
        Mark(.dts, bytes: [0xFE, 0x7F, 0x01, 0x80]),
        Mark(.dts, bytes: [0x1F, 0xFF, 0xE8, 0x00]),
        Mark(.dts, bytes: [0xFF, 0x1F, 0x00, 0xE8]),
        Mark(.trueHD, bytes: [0xF8, 0x72, 0x6F, 0xBA], at: 4),
        Mark(.amr, "#!AMR"),
        Mark(.wavPack, "wvpk"),
        Mark(.monkeysAudio, "MAC "),
        Mark(.trueAudio, "TTA1"),
        Mark(.musepack8, "MPCK"),
        Mark(.musepack7, "MP+"),
        Mark(.tak, "tBaK"),
        Mark(.shorten, "ajkg"),
        Mark(.dsf, "DSD "),
        Mark(.sox, ".SoX"),
        Mark(.sox, "XoS."),
        Mark(.oma, bytes: Array("EA3".utf8) + [0x01]),
        Mark(.audibleAA, bytes: [0x57, 0x90, 0x75, 0x36], at: 4),
        Mark(.pgpMessage, "-----BEGIN PGP MESSAGE-----"),
        Mark(.openSSLSalted, "Salted__"),
        Mark(.ageEncrypted, "age-encryption.org/"),
    ]

    /// The type that the first bytes name; nil if they name none.
    ///
    /// - Parameter head: 64 bytes, or all that there are.
    static func format(of head: [UInt8]) -> AudioFormat? {
        if let mark = marks.first(where: { $0.stands(in: head) }) { return mark.format }
        // AC-3 and E-AC-3 share a sync word; the stream's number tells which.
        if head.count > 5, head.starts(with: [0x0B, 0x77]) {
            return head[5] >> 3 > 10 ? .eac3 : .ac3
        }
        return nil
    }
}
