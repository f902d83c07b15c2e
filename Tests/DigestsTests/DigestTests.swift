import CChecksums
import Digests
import Testing

@Suite("Digests")
struct DigestTests {
    @Test("SHA-256 agrees with FIPS 180-2, whole and in pieces")
    func sha256() {
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        #expect(SHA256Hasher.digest(of: Array("abc".utf8)).hex == expected)
        var hasher = SHA256Hasher()
        hasher.update("a")
        hasher.update([UInt8]())
        hasher.update("bc")
        #expect(hasher.finalize().hex == expected)
    }

    @Test("CRC-32C agrees with RFC 3720, appendix B.4")
    func crc32c() {
        #expect(CRC32C.checksum(of: [UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
        #expect(CRC32C.checksum(of: [UInt8](repeating: 0xFF, count: 32)) == 0x62A8_AB43)
        #expect(CRC32C.checksum(of: Array(0..<32)) == 0x46DD_794E)
    }

    @Test("the processor's CRC agrees with the table at every length and split")
    func crcPaths() {
        let bytes = (0..<200).map { UInt8(truncatingIfNeeded: $0 * 37 + 11) }
        for count in 0..<200 {
            let part = Array(bytes[..<count])
            #expect(CRC32C.checksum(of: part) == scriptorium_crc32c_portable(0, part, count))
            let half = count / 2
            let first = CRC32C.checksum(of: Array(part[..<half]))
            #expect(
                CRC32C.checksum(of: Array(part[half...]), seed: first) == CRC32C.checksum(of: part))
        }
    }

    @Test("Base64 agrees with RFC 4648, section 10, and reads in one form only")
    func base64() {
        for (bytes, text) in [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
        ] {
            #expect(Base64.text(Array(bytes.utf8)) == text)
            #expect(Base64.bytes(text) == Array(bytes.utf8))
        }
        let all = (0...255).map { UInt8($0) }
        for count in 0...256 {
            let part = Array(all[..<count])
            #expect(Base64.bytes(Base64.text(part)) == part)
        }
        for bad in [
            "Z", "Zg", "Zg=", "Zh==", "Zm9=", "Zm9v ", " Zm9v", "Zm9v\n", "Zm-v", "====", "Z===",
            "Zg==Zg==", "Zm\u{E9}v",
        ] { #expect(Base64.bytes(bad) == nil, "\(bad)") }
    }

    @Test("hexadecimal digits read back; anything else is nil")
    func hexadecimal() {
        let digest = SHA256Hasher.digest(of: [1, 2, 3])
        #expect(ContentDigest(hex: digest.hex) == digest)
        #expect(ContentDigest(hex: digest.hex.uppercased()) == digest)
        #expect(ShortDigest(hex: digest.short.hex) == digest.short)
        #expect(Hexadecimal.bytes("0") == nil)
        #expect(Hexadecimal.bytes("0g") == nil)
        #expect(ContentDigest(hex: "00") == nil)
    }
}
