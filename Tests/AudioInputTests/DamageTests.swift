import AudioFormats
import AudioInput
import Foundation
import SpeechTypes
import TemporaryFolders
import Testing

@Suite("Damage that decoders pass over in silence") struct DamageTests {
    private func bytes(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(filePath: AudioFixtures.path(name))))
    }

    /// Where each page of an Ogg file ends.
    private func pageEnds(_ bytes: [UInt8]) -> [Int] {
        var ends: [Int] = []
        var offset = 0
        while offset < bytes.count {
            let segments = Int(bytes[offset + 26])
            let payload = bytes[offset + 27..<offset + 27 + segments].reduce(0) { $0 + Int($1) }
            offset += 27 + segments + payload
            ends.append(offset)
        }
        return ends
    }

    @Test("FLAC samples that do not match the sum of the encoder are damage, if all were read")
    func flacSum() throws {
        let folder = try TemporaryFolder()
        for name in ["formats/s16_8k.flac", "formats/s24_44100_stereo.flac"] {
            var flac = try bytes(name)
            flac[26 + 9] ^= 0x10
            let path = try folder.write("a.flac", flac)
            #expect(AudioFixtures.failure(path)?.code == .audioDamaged)
            #expect(AudioFixtures.failure(path, duration: 3.2499)?.code == .audioDamaged)
            #expect(AudioFixtures.failure(path, duration: 2) == nil)
            #expect(AudioFixtures.failure(path, offset: 1) == nil)
            for index in 26..<42 { flac[index] = 0 }
            #expect(AudioFixtures.failure(try folder.write("b.flac", flac)) == nil)
        }
    }

    @Test("FLAC from a pipe says neither length nor sum, and decodes; its damage is found too")
    func flacFromPipe() throws {
        let flac = try bytes("formats/streamed.flac")
        let reference = try AudioFixtures.read(AudioFixtures.path("formats/s16.au"))
        let found = try AudioFixtures.read(AudioFixtures.path("formats/streamed.flac"))
        #expect(found.lanes == reference.lanes)
        let folder = try TemporaryFolder()
        var damaged = flac
        damaged[flac.count / 2] ^= 0xFF
        #expect(
            AudioFixtures.failure(try folder.write("a.flac", damaged))?.code == .audioDamaged)
        // The frame that fails is dropped and the rest moves up: a span that covers it is damaged.
        let flipped = AudioFixtures.path("malformed/flipped_byte.flac")
        #expect(AudioFixtures.failure(flipped, duration: 2)?.code == .audioDamaged)
        #expect(AudioFixtures.failure(flipped, offset: 1.5, duration: 1)?.code == .audioDamaged)
        let cut = try folder.write("b.flac", Array(flac.prefix(flac.count / 2)))
        #expect(AudioFixtures.failure(cut)?.code == .audioDamaged)
    }

    @Test(
        "any byte that is changed in an Ogg page is found",
        arguments: [
            "opus_voip_12k.opus", "vorbis_44100.ogg", "ogg_flac_16k.oga",
        ])
    func oggBytes(name: String) throws {
        let folder = try TemporaryFolder()
        let ogg = try bytes("formats/\(name)")
        for position in stride(from: 28, to: ogg.count, by: ogg.count / 9) {
            var damaged = ogg
            damaged[position] ^= 0x01
            let error = AudioFixtures.failure(try folder.write("a", damaged))
            #expect(error?.code == .audioDamaged, "byte \(position)")
        }
    }

    @Test("a missing Ogg page, or bytes between pages, is decoded over, and told of")
    func oggPages() throws {
        let folder = try TemporaryFolder()
        for name in ["opus_voip_12k.opus", "vorbis_44100.ogg"] {
            let ogg = try bytes("formats/\(name)")
            let ends = pageEnds(ogg)
            let gap = Array(ogg[..<ends[2]] + ogg[ends[3]...])
            let lost = try AudioFixtures.read(try folder.write("a", gap)).summary
            #expect(lost?.warnings.contains { $0.contains("pages are missing") } == true)
            #expect(lost?.audioWarning?.code == .lostInside)
            let junk = Array(ogg[..<ends[2]] + Array("junk".utf8) + ogg[ends[2]...])
            let padded = try AudioFixtures.read(try folder.write("b", junk)).summary
            #expect(padded?.warnings.contains { $0.contains("belong to none") } == true)
            #expect(abs((padded?.decodedSeconds ?? 0) - 3.275) < 0.01)
            let tail = try folder.write("c", ogg + Array("TAG and so on".utf8))
            #expect(try AudioFixtures.read(tail).summary?.warnings == [])
        }
    }

    @Test(
        "an Ogg file that just stops is decoded as far as it goes, with a warning",
        arguments: [
            "opus_voip_12k.opus", "vorbis_44100.ogg",
        ])
    func oggCut(name: String) throws {
        let folder = try TemporaryFolder()
        let ogg = try bytes("formats/\(name)")
        for count in [pageEnds(ogg).dropLast().last ?? 0, ogg.count * 2 / 3] {
            let path = try folder.write("a", Array(ogg.prefix(count)))
            let summary = try #require(try AudioFixtures.read(path).summary)
            #expect(summary.warnings.count == 1 && summary.warnings[0].contains("cut short"))
            #expect((1..<3.275).contains(summary.decodedSeconds))
        }
    }

    @Test(
        "a WAV without samples is empty even with other chunks behind; one that was never closed is not"
    )
    func emptyWAV() throws {
        let folder = try TemporaryFolder()
        let samples = WAVFile.pcm16(Array(repeating: 1_000, count: 500), rate: 16_000)
        var open = samples
        for index in [4, 5, 6, 7, 40, 41, 42, 43] { open[index] = 0 }
        let unclosed = try folder.write("unclosed.wav", open)
        #expect(try AudioFixtures.read(unclosed).lanes[0].count == 500)
        var empty =
            WAVFile.pcm16([], rate: 16_000) + Array("LIST".utf8) + [4, 0, 0, 0]
            + Array("INFO".utf8)
        empty[4] = UInt8(empty.count - 8)
        let path = try folder.write("empty.wav", empty)
        #expect(AudioFixtures.failure(path)?.code == .audioEmpty)
    }

    @Test("any bytes under any beginning end in samples or in an error", arguments: UInt64(0)..<60)
    func nonsense(seed: UInt64) throws {
        var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
        func random(below limit: Int) -> Int {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return Int(state % UInt64(limit))
        }
        let names = [
            "formats/s16_8k.flac", "formats/mulaw_8k.wav", "formats/mp3_cbr_no_xing.mp3",
            "formats/vorbis_44100.ogg", "formats/s16.caf", "formats/s16be.aiff", "formats/s16.w64",
            "formats/rf64_16k.wav", "formats/s16.au", "formats/ms_adpcm_16k.wav",
        ]
        var file = try bytes(names[random(below: names.count)])
        for _ in 0..<1 + random(below: 8) {
            file[random(below: min(file.count, 200))] = UInt8(random(below: 256))
        }
        if seed % 3 == 0 { file.removeLast(random(below: file.count)) }
        let folder = try TemporaryFolder()
        let path = try folder.write("a", file)
        if let error = AudioFixtures.failure(path) {
            #expect(error.failureClass == .input, "seed \(seed): \(error)")
        }
    }

    @Test("many threads decode at once, each its own file")
    func threads() async throws {
        let names = ["aac_lc.m4a", "s16_8k.flac", "opus.webm", "vorbis_44100.ogg", "wavpack.wv"]
        let expected = try names.map {
            try AudioFixtures.read(AudioFixtures.path("formats/\($0)")).summary
        }
        await withTaskGroup(of: (Int, AudioSummary?).self) { group in
            for index in 0..<20 {
                group.addTask {
                    let path = AudioFixtures.path("formats/\(names[index % names.count])")
                    return (index % names.count, try? AudioFixtures.read(path).summary)
                }
            }
            for await (index, summary) in group { #expect(summary == expected[index]) }
        }
    }
}
