import Foundation
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
        #expect(policy.allows(policy.localPath(of: "open.wav")))
        #expect(!policy.allows(policy.localPath(of: "link.wav")))
        #expect(!policy.allows(policy.localPath(of: "../secret.wav")))
        #expect(policy.allows(policy.localPath(of: "missing.wav")))
    }
}
