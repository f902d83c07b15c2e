import AudioPlaces
import HTTPService
import Manifests
import StoredDashboards
import TemporaryFolders
import Testing

@Suite("The audio of rows over HTTP")
struct RowAudioTests {
    private let folder: TemporaryFolder
    private let rows: IndexedManifest
    private let wave: [UInt8]

    init() throws {
        folder = try TemporaryFolder()
        // As long as two answers and a bit; only its head is looked at.
        wave =
            Array("RIFF....WAVEfmt ".utf8)
            + (0..<(2 * RowAudio.bytesMax)).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        try folder.write("audio/long.wav", wave)
        try folder.write("audio/short.ogg", "OggS0123456789")
        try folder.write("secret.txt", "root:x:0:0")
        try folder.write("other/outside.wav", "RIFF....WAVE0000")
        let lines = [
            "audio/long.wav", "audio/short.ogg", "secret.txt", "none.wav", "other/outside.wav",
            "echo RIFF |", "https://example.org/a.wav", ".",
        ].map { "{\"audio_filepath\":\"\($0)\"}" }
        let path = try folder.write(
            "rows.jsonl", (lines + ["{nonsense"]).joined(separator: "\n") + "\n")
        rows = try IndexedManifest(path: path, index: folder.file("index"), folder: folder.path)
    }

    private func ask(_ row: Int, range: String? = nil, roots: [String] = []) -> HTTPReply {
        RowAudio(rows, paths: AudioPathPolicy(baseFolder: folder.path, audioRoots: roots)).reply(
            row,
            HTTPRequest(
                method: "GET", path: "/api/v1/audio", fields: range.map { ["range": $0] } ?? [:]))
    }

    @Test("ranges give the file, part by part")
    func parts() {
        var bytes: [UInt8] = []
        while bytes.count < wave.count {
            let reply = ask(0, range: "bytes=\(bytes.count)-")
            #expect(reply.status == 206 && reply.contentType == "audio/wav")
            #expect(
                reply.fields["Content-Range"]
                    == "bytes \(bytes.count)-\(bytes.count + reply.body.count - 1)/\(wave.count)")
            guard !reply.body.isEmpty else { break }
            bytes += reply.body
        }
        #expect(bytes == wave)
        #expect(ask(0, range: "bytes=-5").body == Array(wave.suffix(5)))
        #expect(ask(0, range: "bytes=4-7").body == Array("....".utf8))
        #expect(ask(0, range: "bytes=\(wave.count)-").status == 416)
    }

    @Test("a short file is given whole, a long one only in ranges")
    func whole() {
        #expect(ask(1).status == 200 && ask(1).body == Array("OggS0123456789".utf8))
        #expect(ask(0).status == 413)
    }

    @Test("what is no audio, no file of this machine or no row is not given")
    func refusals() {
        #expect(ask(2).status == 415)
        for row in [3, 5, 6, 7, 8, 9, -1] { #expect(ask(row).status == 404, "row \(row)") }
    }

    @Test("files outside of the roots are not given")
    func roots() {
        let root = folder.file("audio")
        #expect(ask(1, roots: [root]).status == 200)
        let refused = ask(4, roots: [root])
        #expect(refused.status == 404)
        #expect(String(decoding: refused.body, as: UTF8.self) == "audio.forbidden_path\n")
        #expect(ask(4).status == 200)
    }
}
