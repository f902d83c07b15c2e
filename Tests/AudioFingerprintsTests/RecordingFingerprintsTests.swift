import AudioFingerprints
import Foundation
import SpeechTypes
import Testing
import TranscriptRows

@Suite("Fingerprints of recordings")
struct RecordingFingerprintsTests {
    private static let repository = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path
    private static let formats = "\(repository)/Tests/Fixtures/audio/formats"
    private static let examples = "\(repository)/manifests/examples/audio"

    private func fingerprint(
        _ name: String, in folder: String, start: Double = 0, seconds: Double? = nil
    ) throws -> [UInt32] {
        try RecordingFingerprints(root: PathBytes(folder)).fingerprint(
            of: PathBytes(name), start: MediaTime(milliseconds: Int(start * 1_000)),
            duration: seconds.map { MediaTime(milliseconds: Int($0 * 1_000)) }, channel: nil)
    }

    /// The least share of bits that differ, laid on each other at most two items apart.
    private func difference(_ first: [UInt32], _ second: [UInt32]) -> Double {
        (-2...2).map { shift in
            let places = first.indices.filter { second.indices.contains($0 + shift) }
            let bits = places.reduce(0) { $0 + (first[$1] ^ second[$1 + shift]).nonzeroBitCount }
            return Double(bits) / Double(32 * max(1, places.count))
        }.min() ?? 1
    }

    @Test(
        "a recording has nearly the same fingerprint in every codec and rate",
        arguments: [
            "alaw_8k.wav", "gsm610_8k.wav", "ima_adpcm_16k.wav", "mp3_8k_16kbps_mpeg25.mp3",
            "mp3_vbr_44100_joint.mp3", "opus_stereo_48k.opus", "opus_voip_12k.opus",
            "s24_44100_stereo.flac", "u8_8k.wav", "vorbis_44100.ogg",
        ])
    func codecs(name: String) throws {
        let original = try fingerprint("s16.au", in: Self.formats)
        #expect(original.count >= 25)
        #expect(try difference(original, fingerprint(name, in: Self.formats)) < 0.1)
    }

    @Test("another level changes nearly nothing")
    func level() throws {
        var state: UInt32 = 1
        let loud = (0..<80_000).map { place in
            state = state &* 1_664_525 &+ 1_013_904_223
            return (Float(state >> 8) / Float(1 << 24) - 0.5) * sin(Float(place) / 9_000)
        }
        func made(_ gain: Float) throws -> [UInt32] {
            var maker = try FingerprintMaker()
            maker.append(loud.map { $0 * gain })
            return maker.finish()
        }
        #expect(try difference(made(1), made(0.1)) < 0.02)
    }

    @Test("other recordings have others, and so have other parts of one")
    func others() throws {
        let original = try fingerprint("s16.au", in: Self.formats)
        for name in [
            "string_george_8k.flac", "string_jackson_16k.wav", "string_nicolas_16k.flac",
            "string_pauses_22k.flac",
        ] {
            #expect(
                try difference(original, fingerprint(name, in: Self.examples)) > 0.25, "\(name)")
        }
        let (first, second) = try (
            fingerprint("long_string_16k.flac", in: Self.examples, start: 2, seconds: 6),
            fingerprint("long_string_16k.flac", in: Self.examples, start: 20, seconds: 6)
        )
        #expect(difference(first, second) > 0.25)
    }

    @Test("how samples are handed over changes nothing, and a short recording has items too")
    func blocks() throws {
        let samples = (0..<30_000).map { sin(Float($0) * 0.05) * sin(Float($0) / 700) }
        var whole = try FingerprintMaker()
        whole.append(samples)
        var parts = try FingerprintMaker()
        for start in stride(from: 0, to: samples.count, by: 777) {
            parts.append(Array(samples[start..<min(start + 777, samples.count)]))
        }
        let items = whole.finish()
        #expect(items.count > 10)
        #expect(parts.finish() == items)
        #expect(try FingerprintMaker().finish().isEmpty)
    }

    @Test("what is no file of this machine is told with its name")
    func unreadable() throws {
        for name in ["nowhere.wav", "https://example.org/a.wav", "cat a.wav |"] {
            let error = #expect(throws: RecordingFingerprints.Unreadable.self) {
                try fingerprint(name, in: Self.formats)
            }
            #expect("\(try #require(error))".contains(name))
        }
    }
}
