import AudioFormats
import AudioInput
import AudioPlaces
import Foundation
import Glibc
import SpeechTypes
import Testing
import Transcription

@Suite("Where audio may be read")
struct AudioPathPolicyTests {
    @Test("relative paths are below the manifest's folder, absolute ones stay")
    func baseFolder() {
        let policy = AudioPathPolicy(baseFolder: "/data/set")
        #expect(policy.localPath(of: "a/b.wav") == "/data/set/a/b.wav")
        #expect(policy.localPath(of: "/else/b.wav") == "/else/b.wav")
    }

    @Test("a mapping renames whole components only")
    func mappings() throws {
        let mapping = try #require(AudioPathPolicy.Mapping("/data=/mnt/share"))
        let policy = AudioPathPolicy(baseFolder: "/data/set", mappings: [mapping])
        #expect(policy.localPath(of: "b.wav") == "/mnt/share/set/b.wav")
        #expect(policy.localPath(of: "/database/b.wav") == "/database/b.wav")
        // Names are bytes: one that begins with a mark that joins the slash is still below the folder.
        let joining = "/data/\u{301}x/b.wav"
        #expect(policy.localPath(of: PathBytes(joining)) == "/mnt/share/\u{301}x/b.wav")
        let latin = PathBytes(bytes: Array("/data/".utf8) + [0xE9])
        #expect(
            policy.localPath(of: latin)
                == PathBytes(bytes: Array("/mnt/share/".utf8) + [0xE9]))
        #expect(AudioPathPolicy.Mapping("nothing") == nil)
        #expect(AudioPathPolicy.Mapping("=/x") == nil)
    }

    @Test("a link that leads out of the allowed folder is not followed")
    func roots() throws {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("roots-\(UInt64.random(in: 0...UInt64.max))")
        let allowed = folder.appendingPathComponent("allowed")
        try FileManager.default.createDirectory(at: allowed, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data([1]).write(to: folder.appendingPathComponent("secret.wav"))
        try Data([1]).write(to: allowed.appendingPathComponent("open.wav"))
        try FileManager.default.createSymbolicLink(
            at: allowed.appendingPathComponent("link.wav"),
            withDestinationURL: folder.appendingPathComponent("secret.wav"))
        let policy = AudioPathPolicy(baseFolder: allowed.path, audioRoots: [allowed.path])
        #expect(code(policy, "open.wav") == nil)
        #expect(code(policy, "link.wav") == .audioForbiddenPath)
        #expect(code(policy, "../secret.wav") == .audioForbiddenPath)
        #expect(code(policy, "missing.wav") == .audioNotFound)
        // Whether there is a file outside is not told.
        #expect(code(policy, "../none.wav") == .audioForbiddenPath)
        #expect(code(policy, "/nowhere/none.wav") == .audioForbiddenPath)
        // A root that is not there allows nothing, and one that is a link allows what it leads to.
        let gone = AudioPathPolicy(baseFolder: allowed.path, audioRoots: ["/nowhere"])
        #expect(code(gone, "open.wav") == .audioForbiddenPath)
        let alias = folder.appendingPathComponent("alias").path
        #expect(symlink(allowed.path, alias) == 0)
        let linked = AudioPathPolicy(baseFolder: alias, audioRoots: [alias])
        #expect(code(linked, "open.wav") == nil)
        #expect(code(linked, "missing.wav") == .audioNotFound)
    }

    @Test("what is read is the file that was judged, though its name leads elsewhere by then")
    func noRace() throws {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("race-\(UInt64.random(in: 0...UInt64.max))").path
        try FileManager.default.createDirectory(
            atPath: "\(folder)/in", withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try Data([1]).write(to: URL(filePath: "\(folder)/in/good.wav"))
        try Data([1, 2, 3]).write(to: URL(filePath: "\(folder)/secret.wav"))
        let name = "\(folder)/in/a.wav"
        #expect(symlink("good.wav", name) == 0)
        let policy = AudioPathPolicy(baseFolder: "\(folder)/in", audioRoots: ["\(folder)/in"])
        let file = try policy.open("a.wav")
        #expect(unlink(name) == 0 && symlink("../secret.wav", name) == 0)
        #expect(file.byteCount == 1)
        #expect(file.resolvedPath == PathBytes("\(folder)/in/good.wav").resolved)
        #expect(code(policy, "a.wav") == .audioForbiddenPath)
    }

    @Test(
        "an address is not a path, unless a mapping makes it one",
        arguments: [
            "https://example.org/a.wav", "s3://bucket/a.wav", "gs://b/a.wav", "hdfs:///a.wav",
            "hf://datasets/a.wav", "HTTP://x/a.wav", "data:audio/wav;base64,AAAA",
        ])
    func addresses(text: String) throws {
        #expect(code(AudioPathPolicy(baseFolder: "/data"), text) == .audioUnsupportedLocation)
        let mapping = try #require(AudioPathPolicy.Mapping("s3://bucket/=/nowhere/mount"))
        let policy = AudioPathPolicy(baseFolder: "/data", mappings: [mapping])
        let isMapped = text.hasPrefix("s3:")
        #expect(code(policy, text) == (isMapped ? .audioNotFound : .audioUnsupportedLocation))
    }

    @Test("names with a colon are paths", arguments: ["a:b.wav", "C://a.wav", "x:/a", "data:a"])
    func noAddresses(text: String) {
        #expect(code(AudioPathPolicy(baseFolder: "/data"), text) == .audioNotFound)
    }

    @Test("a command is no path and is not run; the error says how to make a file of it")
    func commands() throws {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("commands-\(UInt64.random(in: 0...UInt64.max))").path
        let command = "touch \(folder)/ran; cat a.wav |"
        let policy = AudioPathPolicy(baseFolder: folder)
        #expect(code(policy, command) == .audioUnsupportedLocation)
        let error = #expect(throws: AudioError.self) { try policy.open(PathBytes(command)) }
        #expect(error?.detail.hasSuffix("touch \(folder)/ran; cat a.wav > FILE.wav") == true)
        #expect(access("\(folder)/ran", F_OK) != 0)
    }

    @Test("a part of a file is judged by where the file lies")
    func byteRanges() throws {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("ranges-\(UInt64.random(in: 0...UInt64.max))").path
        try FileManager.default.createDirectory(
            atPath: "\(folder)/in", withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for name in ["in/good.wav", "secret.wav"] {
            try Data([1]).write(to: URL(filePath: "\(folder)/\(name)"))
        }
        let policy = AudioPathPolicy(baseFolder: "\(folder)/in", audioRoots: ["\(folder)/in"])
        #expect(try policy.open("good.wav:0:1").byteCount == 1)
        #expect(code(policy, "../secret.wav:0:1") == .audioForbiddenPath)
        #expect(code(policy, "../none.wav:0:1") == .audioForbiddenPath)
    }

    private func code(_ policy: AudioPathPolicy, _ path: String) -> FailureCode? {
        do throws(AudioError) {
            _ = try policy.open(PathBytes(path))
            return nil
        } catch {
            return error.code
        }
    }
}
