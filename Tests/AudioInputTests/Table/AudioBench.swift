import Foundation
import TemporaryFolders
import TestProcesses

/// Makes the files of the table: with two runs of ffmpeg, and by changing bytes.
struct AudioBench {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        let speech = try AudioFixtures.read(AudioFixtures.path("formats/s16.au")).lanes[0]
        let samples = speech.map { Int16($0 * 32_768) }
        _ = try folder.write("a.wav", WAVFile.pcm16(samples, rate: 16_000))
        _ = try folder.write("b.wav", WAVFile.pcm16(Array(samples.prefix(24_000)), rate: 16_000))
        try encode()
        try changeWaves()
        try changeContainers()
        try changeStreams()
        try makeRefusals()
    }

    func path(_ name: String) -> String { "\(folder.path)/\(name)" }

    func bytes(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(filePath: path(name))))
    }

    private func write(_ name: String, _ bytes: [UInt8]) throws {
        _ = try folder.write(name, bytes)
    }

    /// Runs ffmpeg, which has to succeed.
    static func ffmpeg(_ arguments: [String]) throws {
        let run = try StartedProcess.run(
            "ffmpeg", ["-nostdin", "-v", "error", "-y"] + arguments)
        guard run.status == 0 else { throw CocoaError(.executableLoad) }
    }

    // MARK: By ffmpeg

    private func encode() throws {
        let fromA: [(String, String)] = [
            ("float.wav", "-c:a pcm_f32le"), ("s24.wav", "-c:a pcm_s24le"),
            ("mulaw.wav", "-c:a pcm_mulaw -ar 8000"), ("alaw.wav", "-c:a pcm_alaw -ar 8000"),
            ("gsm.wav", "-c:a libgsm_ms -ar 8000"), ("ima.wav", "-c:a adpcm_ima_wav"),
            ("ms.wav", "-c:a adpcm_ms"), ("layer3.wav", "-c:a libmp3lame -b:a 64k -f wav"),
            ("layer2.wav", "-c:a mp2 -b:a 64k -f wav"), ("g722.wav", "-c:a g722 -f wav"),
            ("g726.wav", "-c:a g726 -ar 8000 -b:a 32k -f wav"), ("rf64.wav", "-rf64 always"),
            ("a.w64", ""), ("a.aiff", ""), ("sowt.aiff", "-c:a pcm_s16le"), ("a.au", ""),
            ("a.caf", "-c:a pcm_s16le"), ("alac.caf", "-c:a alac"), ("a.voc", ""),
            ("a.ircam", "-f ircam"), ("a.sox", "-f sox"), ("a.flac", ""),
            ("v.ogg", "-c:a libvorbis"), ("o.opus", "-c:a libopus -page_duration 200000"),
            ("f.oga", "-c:a flac -f ogg"), ("s.spx", "-c:a libspeex"),
            ("a.mp3", "-c:a libmp3lame -b:a 64k"),
            ("bare.mp3", "-c:a libmp3lame -b:a 64k -write_xing 0 -id3v2_version 0"),
            ("vbr.mp3", "-c:a libmp3lame -q:a 4 -write_xing 0"),
            ("a.mp2", "-c:a mp2 -b:a 64k"), ("a.aac", "-c:a aac"), ("a.latm", "-c:a aac -f latm"),
            ("a.m4a", "-c:a aac"), ("alac.m4a", "-c:a alac"),
            ("fragments.mp4", "-c:a aac -movflags frag_keyframe+empty_moov"),
            ("a.mov", "-c:a pcm_s16be"), ("aac.ts", "-c:a aac -f mpegts"),
            ("mp2.ts", "-c:a mp2 -b:a 64k -f mpegts"),
            ("a.m2ts", "-c:a ac3 -f mpegts -mpegts_m2ts_mode 1"),
            ("a.vob", "-c:a mp2 -b:a 64k -f vob"), ("a.mka", "-c:a flac"),
            ("a.webm", "-c:a libopus"), ("a.avi", "-c:a mp2"), ("a.flv", "-c:a aac"),
            ("a.wma", "-c:a wmav2"), ("a.rm", "-c:a real_144 -ar 8000"),
            ("a.nut", "-c:a pcm_s16le"), ("a.wtv", "-c:a mp2"), ("a.ac3", "-c:a ac3"),
            ("a.eac3", "-c:a eac3"), ("a.dts", "-c:a dca -strict -2 -ar 48000"),
            ("a.thd", "-c:a truehd -strict -2 -ar 48000"), ("a.tta", ""), ("a.wv", ""),
        ]
        let fromB: [(String, String)] = [
            ("b8k.wav", "-ar 8000"), ("b.flac", ""), ("b.mp3", "-c:a libmp3lame -b:a 64k"),
            ("b.opus", "-c:a libopus -serial_offset 9"),
            ("bare22.mp3", "-ar 22050 -c:a libmp3lame -b:a 64k -write_xing 0 -id3v2_version 0"),
            ("bare2.mp3", "-ac 2 -c:a libmp3lame -b:a 64k -write_xing 0 -id3v2_version 0"),
            ("bareb.mp3", "-c:a libmp3lame -b:a 64k -write_xing 0 -id3v2_version 0"),
        ]
        func outputs(_ list: [(String, String)], _ input: Int) -> [String] {
            list.flatMap { name, options in
                ["-map", "\(input)"] + options.split(separator: " ").map(String.init)
                    + ["-fflags", "+bitexact", path(name)]
            }
        }
        try Self.ffmpeg(
            ["-i", path("a.wav"), "-i", path("b.wav"), "-f", "lavfi", "-i", "color=s=32x32:d=1"]
                + outputs(fromA, 0) + outputs(fromB, 1)
                + ["-map", "0", "-map", "1", "-c:a", "aac", path("two.mka")]
                + [
                    "-map", "2", "-map", "0", "-c:v", "libtheora", "-c:a", "libvorbis",
                    path("t.ogv"),
                ])
    }

    // MARK: By hand

    /// The samples of the first clip, as they stand in its WAV file.
    private func samples() throws -> [UInt8] { Array(try bytes("a.wav").dropFirst(44)) }

    private func changeWaves() throws {
        let wave = try bytes("a.wav")
        let other = try bytes("b.wav")
        let data = try samples()
        func sized(_ size: UInt32) -> [UInt8] {
            Array(wave[..<4]) + little(size &+ (size == 0 ? 0 : 36)) + wave[8..<40] + little(size)
                + data
        }
        try write("size0.wav", sized(0))
        try write("sizeF.wav", sized(.max))
        try write("size7.wav", sized(0x7FFF_F000))
        try write("size8.wav", sized(0x8000_0000))
        try write("stale.wav", sized(40_000))
        try write("cut.wav", Array(wave.prefix(60_044)))
        let chunk = Array("data".utf8) + little(UInt32(other.count - 44)) + other[44...]
        try write(
            "twodata.wav",
            Array(wave[..<4]) + little(UInt32(wave.count + chunk.count - 8)) + wave[8...] + chunk)
        try write("joined.wav", wave + other)
        try write("joined8k.wav", wave + (try bytes("b8k.wav")))
        try write("trailing.wav", wave + Array("garbage garbage ".utf8) + [1, 2, 3])
        try write("tagged.wav", wave + id3v1)
        try write("header.wav", Array(wave[..<4]) + little(36) + wave[8..<40] + little(0))
        let ds64 =
            Array("ds64".utf8) + little(28) + [UInt8](repeating: 0, count: 8)
            + little(UInt32(data.count)) + [UInt8](repeating: 0, count: 16)
        func long(_ name: String, _ sizes: [UInt8]) -> [UInt8] {
            Array(name.utf8) + little(.max) + Array("WAVE".utf8) + sizes + wave[12..<36]
                + Array("data".utf8) + little(.max) + data
        }
        try write("bw64.wav", long("BW64", ds64))
        try write(
            "rf64zero.wav", long("RF64", Array(ds64[..<8]) + [UInt8](repeating: 0, count: 28)))
        // Every number the other way round, samples too.
        func swapped(_ range: Range<Int>) -> [UInt8] { wave[range].reversed() }
        let fields = [
            4..<8, 16..<20, 20..<22, 22..<24, 24..<28, 28..<32, 32..<34, 34..<36, 40..<44,
        ]
        var rifx = wave
        for field in fields { rifx.replaceSubrange(field, with: swapped(field)) }
        for index in stride(from: 44, to: rifx.count - 1, by: 2) { rifx.swapAt(index, index + 1) }
        rifx[3] = UInt8(ascii: "X")
        try write("rifx.wav", rifx)
    }

    private func changeContainers() throws {
        let aiff = try bytes("a.aiff")
        let ssnd = try place(of: "SSND", in: aiff) + 4
        try write("size0.aiff", replaced(aiff, ssnd, big(0)))
        try write("sizeF.aiff", replaced(aiff, ssnd, big(.max)))
        try write("stale.aiff", replaced(aiff, ssnd, big(40_000)))
        try write("cut.aiff", Array(aiff.prefix(60_000)))
        let au = try bytes("a.au")
        try write("size0.au", replaced(au, 8, big(0)))
        try write("sizeF.au", replaced(au, 8, big(.max)))
        try write("stale.au", replaced(au, 8, big(40_000)))
        try write("cut.au", Array(au.prefix(60_000)))
        let caf = try bytes("a.caf")
        let data = try place(of: "data", in: caf) + 4
        try write("sizeF.caf", replaced(caf, data, [UInt8](repeating: 0xFF, count: 8)))
        try write("cut.caf", Array(caf.prefix(60_000)))
        let wave64 = try bytes("a.w64")
        let size = try place(of: "data", in: wave64) + 16
        try write("big.w64", replaced(wave64, size, little(1 << 24)))
        let sphere =
            "NIST_1A\n   1024\nchannel_count -i 1\nsample_rate -i 16000\nsample_n_bytes -i 2\n"
            + "sample_byte_format -s2 01\nsample_sig_bits -i 16\nsample_count -i 52400\n"
        func head(_ text: String) -> [UInt8] {
            let bytes = Array(text.utf8)
            return bytes + [UInt8](repeating: 0x20, count: 1_024 - bytes.count)
        }
        try write("a.sph", head(sphere + "sample_coding -s3 pcm\nend_head\n") + (try samples()))
        try write(
            "packed.sph",
            head(sphere + "sample_coding -s26 pcm,embedded-shorten-v2.00\nend_head\n")
                + Array("ajkg".utf8) + (try samples().prefix(900)))
    }

    private func changeStreams() throws {
        let flac = try bytes("a.flac")
        let tag = Array("ID3".utf8) + [4, 0, 0, 0, 0, 0, 10] + [UInt8](repeating: 0, count: 10)
        let item = little(4) + little(0) + Array("Name".utf8) + [0] + Array("text".utf8)
        func ape(_ flags: UInt32) -> [UInt8] {
            Array("APETAGEX".utf8) + little(2_000) + little(UInt32(item.count + 32)) + little(1)
                + little(flags) + [UInt8](repeating: 0, count: 8)
        }
        try write("id3v2.flac", tag + flac)
        try write("id3v1.flac", flac + id3v1)
        try write("ape.flac", flac + ape(0xA000_0000) + item + ape(0x8000_0000))
        try write(
            "junk.flac", flac + Array(repeating: Array("no flac at all ".utf8), count: 20).joined())
        try write("joined.flac", flac + (try bytes("b.flac")))
        try write("cut.flac", Array(flac.prefix(flac.count / 2)))
        var flipped = flac
        flipped[flac.count / 2] ^= 0x10
        try write("flip.flac", flipped)

        let opus = try bytes("o.opus")
        let ends = Self.pageEnds(opus)
        try write("chain.opus", opus + (try bytes("b.opus")))
        try write("midstream.opus", Array(opus[..<ends[1]] + opus[ends[3]...]))
        try write("lost.opus", Array(opus[..<ends[5]] + opus[ends[7]...]))
        try write(
            "padded.opus",
            Array(opus[..<ends[5]]) + [UInt8](repeating: 0, count: 1_000) + opus[ends[5]...])
        try write("cut.opus", Array(opus[..<ends[10]]))
        flipped = opus
        flipped[ends[6] + 60] ^= 0x10
        try write("flip.opus", flipped)

        let mp3 = try bytes("a.mp3")
        let bare = try bytes("bare.mp3")
        try write("joined.mp3", mp3 + (try bytes("b.mp3")))
        try write("joinedbare.mp3", mp3 + (try bytes("bareb.mp3")))
        try write("rate.mp3", bare + (try bytes("bare22.mp3")))
        try write("channels.mp3", bare + (try bytes("bare2.mp3")))
        try write("zeros.mp3", [UInt8](repeating: 0, count: 5_000) + mp3)
        try write("half.mp3", Array(bare.dropFirst(150)))
        let junk = (0..<9_000).map { UInt8(truncatingIfNeeded: $0 * $0 % 251) & 0x7F }
        try write("junk.mp3", bare + junk + bare)
        try write("cut.mp3", Array(mp3.prefix(mp3.count * 2 / 3)))
        try write("half.mp2", Array(try bytes("a.mp2").dropFirst(100)))
        try write("half.vob", Array(try bytes("a.vob").dropFirst(3_000)))
        try write("joined.m4a", try bytes("a.m4a") + (try bytes("a.m4a")))
        try write("half.ts", Array(try bytes("aac.ts").dropFirst(100)))
    }

    private func makeRefusals() throws {
        let mp4 = try bytes("a.m4a")
        let entry = try place(of: "mp4a", in: mp4)
        try write("drm.m4p", replaced(mp4, entry, Array("drms".utf8)))
        // Without what stands behind the samples.
        try write("cut.m4a", Array(mp4.prefix(mp4.count / 2)))
        var stream = try bytes("aac.ts")
        for packet in stride(from: 0, to: stream.count - 187, by: 188)
        where stream[packet + 1] & 0x1F != 0 || stream[packet + 2] > 0x1F {
            stream[packet + 3] |= 0x80
        }
        try write("scrambled.ts", stream)
        try write("a.aa", [0, 0, 1, 0, 0x57, 0x90, 0x75, 0x36] + [UInt8](repeating: 7, count: 500))
        try write("pgp.wav", Array("-----BEGIN PGP MESSAGE-----\n\nhQEM".utf8))
        try write("salted.mp3", Array("Salted__".utf8) + (try bytes("a.mp3")))
        try write("age.flac", Array("age-encryption.org/v1\n-> X25519 ".utf8))
        try write("blank.mp3", [UInt8](repeating: 0, count: 70_000))
        try write("empty.wav", [])
        try write(
            "text.txt",
            Array(repeating: Array("these are words\n".utf8), count: 400).flatMap(\.self))
        let scan = (0..<30_000).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 7) }
        try write("a.jpg", [0xFF, 0xD8, 0xFF, 0xE0, 0, 16] + Array("JFIF".utf8) + scan)
    }

    // MARK: Bytes

    private let id3v1 = Array("TAG".utf8) + [UInt8](repeating: 0x20, count: 125)

    private func little(_ value: UInt32) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: value >> UInt32(8 * $0)) }
    }

    private func big(_ value: UInt32) -> [UInt8] { little(value).reversed() }

    private func replaced(_ bytes: [UInt8], _ offset: Int, _ new: [UInt8]) -> [UInt8] {
        Array(bytes[..<offset]) + new + bytes[(offset + new.count)...]
    }

    private func place(of name: String, in bytes: [UInt8]) throws -> Int {
        let wanted = Array(name.utf8)
        guard
            let place = (0..<bytes.count - wanted.count).first(where: {
                bytes[$0..<$0 + wanted.count].elementsEqual(wanted)
            })
        else { throw CocoaError(.featureUnsupported) }
        return place
    }

    /// Where each page of an Ogg file ends.
    private static func pageEnds(_ bytes: [UInt8]) -> [Int] {
        var ends: [Int] = []
        var offset = 0
        while offset < bytes.count {
            let segments = Int(bytes[offset + 26])
            offset +=
                27 + segments
                + bytes[offset + 27..<offset + 27 + segments].reduce(0) { $0 + Int($1) }
            ends.append(offset)
        }
        return ends
    }

    /// Seconds that ffmpeg decodes of each file, by one run for all of them.
    func secondsOfFFmpeg(_ names: [String]) throws -> [String: Double] {
        var arguments = names.flatMap { ["-i", path($0)] }
        for (index, name) in names.enumerated() {
            arguments += [
                "-map", "\(index):a:0", "-c:a", "pcm_f32be", "-f", "au", path("ff-\(name)"),
            ]
        }
        try Self.ffmpeg(arguments)
        var seconds: [String: Double] = [:]
        for name in names {
            let bytes = try bytes("ff-\(name)")
            func integer(_ offset: Int) -> Int {
                bytes[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) }
            }
            seconds[name] =
                Double((bytes.count - integer(4)) / 4 / integer(20)) / Double(integer(16))
        }
        return seconds
    }
}
