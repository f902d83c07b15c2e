internal import ClusterSecurity
internal import Foundation
internal import Glibc
internal import Processes
internal import Testing

@Suite("The folder of keys") final class KeyFolderTests {
    private let path = NSTemporaryDirectory() + "scriptorium-keys-\(UUID().uuidString)"
    private let other = PublicKey(hex: String(repeating: "5a", count: 32))

    deinit { try? FileManager.default.removeItem(atPath: path) }

    private func mode(_ file: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: "\(path)\(file)")[.posixPermissions]
            as? Int
    }

    private func entry(_ name: String, _ role: PeerRole = .worker) throws -> AllowList.Entry {
        AllowList.Entry(name: name, role: role, key: try #require(other))
    }

    /// The sentence of the error that `body` throws; nil if it throws none.
    private func sentence(_ body: () throws -> Void) -> String? {
        do {
            try body()
            return nil
        } catch {
            return "\(error)"
        }
    }

    @Test("a key is made once, readable to its owner alone, and read back")
    func secret() throws {
        let folder = try KeyFolder(path)
        #expect(!folder.hasSecret)
        #expect(sentence { _ = try folder.publicKey() }?.contains("scriptorium keys new") == true)
        let key = try folder.makeSecret()
        #expect(try folder.publicKey() == key)
        #expect(try mode("") == 0o700)
        #expect(try mode("/secret.key") == 0o600)
        let text = try String(contentsOfFile: "\(path)/secret.key", encoding: .utf8)
        #expect(!text.contains(key.hex))
        #expect(sentence { _ = try folder.makeSecret() }?.contains("has a key") == true)
        #expect(try folder.publicKey() == key)
        #expect(try FileManager.default.contentsOfDirectory(atPath: path) == ["secret.key"])
    }

    @Test("a key or a folder that others can read is refused, with the command that mends it")
    func openToOthers() throws {
        let folder = try KeyFolder(path)
        _ = try folder.makeSecret()
        chmod("\(path)/secret.key", 0o640)
        #expect(
            sentence { _ = try folder.publicKey() }?.contains("chmod 600 \(path)/secret.key")
                == true)
        chmod("\(path)/secret.key", 0o600)
        chmod(path, 0o755)
        #expect(sentence { _ = try folder.publicKey() }?.contains("chmod 700 \(path)") == true)
        #expect(sentence { try folder.allow(try entry("a")) }?.contains("chmod 700") == true)
        chmod(path, 0o700)
        try folder.allow(try entry("a"))
        chmod("\(path)/allowed/a.key", 0o666)
        #expect(sentence { _ = try folder.allowList() }?.contains("chmod 600") == true)
    }

    @Test("keys are allowed under a name with a role, and revoked by the name")
    func allowing() throws {
        let folder = try KeyFolder(path)
        #expect(try folder.allowList().entries.isEmpty)
        try folder.allow(try entry("worker-1"))
        try folder.allow(try entry("anna", .operator))
        #expect(try mode("/allowed/worker-1.key") == 0o600)
        #expect(try folder.allowList().entries.map(\.name) == ["anna", "worker-1"])
        #expect(try folder.allowList().entries.map(\.role) == [.operator, .worker])
        // The same again is no error; another role is.
        try folder.allow(try entry("worker-1"))
        #expect(
            sentence { try folder.allow(try entry("worker-1", .observer)) }?
                .contains("keys revoke worker-1") == true)
        try folder.revoke("anna")
        #expect(try folder.allowList().entries.map(\.name) == ["worker-1"])
        #expect(sentence { try folder.revoke("anna") }?.contains("not allowed here") == true)
    }

    @Test("a list that is wrong lets nobody in; one that cannot be read now changes nothing")
    func shortage() throws {
        let list = AllowList([try entry("a")])
        var said: [String] = []
        func read(
            _ read: ((RuntimeError) -> Void) throws(RuntimeError) -> AllowList
        ) -> AllowList? {
            KeyWatch.list({ said.append($0) }, read)
        }
        #expect(read { _ in list } == list)
        #expect(
            read {
                $0(RuntimeError(.usage, "bad file")); return list
            } == list)
        #expect(
            read { _ throws(RuntimeError) in throw RuntimeError(.usage, "bad folder") }
                == AllowList([]))
        #expect(
            read {
                $0(RuntimeError(.system, "short")); return AllowList([])
            } == nil)
        #expect(read { _ throws(RuntimeError) in throw RuntimeError(.system, "short too") } == nil)
        #expect(said == ["bad file", "bad folder", "short", "short too"])
    }

    @Test(
        "names that are no names of files are refused",
        arguments: [
            "", ".", "..", "../secret", "a/b", "a b", "é", String(repeating: "x", count: 65),
        ])
    func names(name: String) throws {
        let folder = try KeyFolder(path)
        #expect(sentence { try folder.allow(try entry(name)) }?.contains("not a name") == true)
        #expect(sentence { try folder.revoke(name) }?.contains("not a name") == true)
    }

    @Test(
        "a file that is not a role and a key lets nobody in, and the error says how to mend it",
        arguments: [
            "", "worker", "worker 12", "emperor \(String(repeating: "5a", count: 32))",
            "worker  \(String(repeating: "5a", count: 32))", String(repeating: "x", count: 10_000),
        ])
    func badFiles(text: String) throws {
        let folder = try KeyFolder(path)
        try folder.allow(try entry("good"))
        let file = "\(path)/allowed/bad.key"
        try Data(text.utf8).write(to: URL(fileURLWithPath: file))
        chmod(file, 0o600)
        #expect(sentence { _ = try folder.allowList() }?.contains("bad") == true)
    }

    @Test("links and FIFOs in place of keys are refused, not followed or waited for")
    func oddFiles() throws {
        let folder = try KeyFolder(path)
        _ = try folder.makeSecret()
        try folder.allow(try entry("good"))
        symlink("\(path)/allowed/good.key", "\(path)/allowed/link.key")
        #expect(sentence { _ = try folder.allowList() } != nil)
        unlink("\(path)/allowed/link.key")
        mkfifo("\(path)/allowed/fifo.key", 0o600)
        #expect(sentence { _ = try folder.allowList() }?.contains("fifo") == true)
        unlink("\(path)/allowed/fifo.key")
        #expect(try folder.allowList().entries.map(\.name) == ["good"])
    }

    @Test("public keys are 64 hexadecimal digits")
    func publicKeys() {
        #expect(PublicKey(hex: String(repeating: "0aF", count: 21) + "1") != nil)
        for text in [
            "", "12", String(repeating: "z", count: 64), String(repeating: "1", count: 66),
        ] {
            #expect(PublicKey(hex: text) == nil)
        }
    }
}
