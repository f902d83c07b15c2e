internal import AudioFormats

/// Marks of encryption in containers that ffmpeg reads: what it would decode to is noise or nothing.
enum EncryptedFiles {
    /// Who has encrypted the sound, as far as the container tells; nil if it is not encrypted.
    static func reason(
        _ file: AudioFile, _ format: AudioFormat
    ) throws(AudioError) -> String? {
        switch format {
        case .audibleAA: return "an Audible file"
        case .pgpMessage: return "a PGP message"
        case .openSSLSalted: return "encrypted with OpenSSL"
        case .ageEncrypted: return "encrypted with age"
        case .mp4:
            return try MP4Header(reading: file).isEncrypted
                ? "its sound is protected (DRM)" : nil
        case .matroska:
            return MatroskaHeader(try file.bytes(at: 0, count: 1 << 18)).isEncrypted
                ? "its sound is encrypted (ContentEncryption)" : nil
        case .asf:
            let head = try file.bytes(at: 0, count: 1 << 16)
            return asfMarks.contains { contains(head, $0) }
                ? "its header has an encryption object (DRM)" : nil
        case .oma:
            let head = try file.bytes(at: 0, count: 8)
            // All ones and -128 mean none.
            return head.count == 8 && ![0xFFFF, 0xFF80].contains(Int(head[6]) << 8 | Int(head[7]))
                ? "an OpenMG file with a key (DRM)" : nil
        case .mpegTransport:
            return isScrambled(try file.bytes(at: 0, count: 1 << 18))
                ? "its packets are scrambled (conditional access)" : nil
        default: return nil
        }
    }

    /// The content encryption object of ASF, its extended form, and the advanced one.
    private static let asfMarks: [[UInt8]] = [
        [
            0xFB, 0xB3, 0x11, 0x22, 0x23, 0xBD, 0xD2, 0x11, 0xB4, 0xB7, 0x00, 0xA0, 0xC9, 0x55,
            0xFC, 0x6E,
        ],
        [
            0x14, 0xE6, 0x8A, 0x29, 0x22, 0x26, 0x17, 0x4C, 0xB9, 0x35, 0xDA, 0xE0, 0x7E, 0xE9,
            0x28, 0x9C,
        ],
        [
            0x33, 0x85, 0x05, 0x43, 0x81, 0x69, 0xE6, 0x49, 0x9B, 0x74, 0xAD, 0x12, 0xCB, 0x86,
            0xD5, 0x8C,
        ],
    ]

    private static func contains(_ bytes: [UInt8], _ mark: [UInt8]) -> Bool {
        guard bytes.count >= mark.count else { return false }
        return (0...bytes.count - mark.count).contains {
            bytes[$0] == mark[0] && bytes[$0..<$0 + mark.count].elementsEqual(mark)
        }
    }

    /// Most packets with a payload have their scrambling bits set.
    private static func isScrambled(_ bytes: [UInt8]) -> Bool {
        guard let start = bytes.firstIndex(of: 0x47) else { return false }
        var scrambled = 0
        var clear = 0
        let length = [188, 192, 204].first { length in
            start + length < bytes.count && bytes[start + length] == 0x47
        }
        guard let length else { return false }
        for packet in stride(from: start, to: bytes.count - 4, by: length) {
            guard bytes[packet] == 0x47 else { continue }
            let stream = Int(bytes[packet + 1] & 0x1F) << 8 | Int(bytes[packet + 2])
            // Tables are never scrambled, and empty packets say nothing.
            guard stream > 0x1F, stream != 0x1FFF else { continue }
            if bytes[packet + 3] & 0xC0 != 0 { scrambled += 1 } else { clear += 1 }
        }
        return scrambled > 8 && scrambled > clear
    }
}
