internal import Foundation
internal import ModelHub
internal import StrictJSON
internal import TemporaryFolders
internal import Testing

@Suite("Models from a hub") struct ModelHubTests {
    private let server: HubServer
    private let cache: TemporaryFolder
    private static let commit = "0123456789abcdef0123456789abcdef01234567"
    private static let weights = (0..<400).flatMap { _ in Array(UInt8.min...UInt8.max) }

    init() throws {
        server = try HubServer()
        cache = try TemporaryFolder()
    }

    private var settings: HubSettings {
        var settings = HubSettings(cacheFolder: cache.path)
        settings.endpoint = server.endpoint
        settings.firstPause = .milliseconds(1)
        settings.connectSeconds = 5
        return settings
    }

    private func fetch(
        _ name: String, _ settings: HubSettings? = nil,
        report: @escaping (HubProgress) -> Void = { _ in }
    ) throws -> String {
        try ModelHub(settings ?? self.settings)
            .folder(of: ModelReference("hf:owner/\(name)"), report: report)
    }

    private func error(_ name: String, _ settings: HubSettings? = nil) throws -> HubError {
        try #require(throws: HubError.self) { try fetch(name, settings) }
    }

    private func bytes(_ path: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(filePath: path)))
    }

    // MARK: Languages

    @Test("of a model that keeps languages apart the one that is asked for is fetched, by its code")
    func languages() throws {
        func fetch(_ language: String?, _ settings: HubSettings? = nil) throws -> [String] {
            let folder = try ModelHub(settings ?? self.settings)
                .folder(of: ModelReference("hf:owner/languages"), language: language)
            return try FileManager.default.contentsOfDirectory(atPath: folder)
                .filter { $0.hasPrefix("adapter.") }.sorted()
        }
        #expect(try fetch(nil) == [])
        #expect(try fetch("de") == ["adapter.deu.safetensors"])
        #expect(try fetch("fra") == ["adapter.deu.safetensors", "adapter.fra.bin"])
        var offline = settings
        offline.isOffline = true
        #expect(try fetch("ger", offline).count == 2)
        let absent = #expect(throws: HubError.self) { try fetch("azj-script_latin", offline) }
        #expect(absent?.description.contains("with the language azj-script_latin") == true)
        let unknown = #expect(throws: HubError.self) { try fetch("xyz") }
        #expect(unknown?.description.contains("has no language xyz among its 4") == true)
        let several = #expect(throws: HubError.self) { try fetch("az") }
        #expect(several?.description.contains("azj-script_cyrillic") == true, "\(several as Any)")
    }

    // MARK: Downloads

    @Test("a model is downloaded into the hub's own cache layout, needed files only")
    func layout() throws {
        let folder = try fetch("plain")
        #expect(folder == "\(cache.path)/models--owner--plain/snapshots/\(Self.commit)")
        #expect(
            try cache.names("models--owner--plain/snapshots/\(Self.commit)") == [
                "config.json", "model.safetensors", "preprocessor_config.json", "vocab.json",
            ])
        #expect(try bytes("\(folder)/model.safetensors") == Self.weights)
        let target = try FileManager.default.destinationOfSymbolicLink(
            atPath: "\(folder)/model.safetensors")
        #expect(target.hasPrefix("../../blobs/"))
        #expect(target.count == "../../blobs/".count + 64)
        #expect(
            String(decoding: try cache.bytes("models--owner--plain/refs/main"), as: UTF8.self)
                == Self.commit)
        let blobs = try cache.names("models--owner--plain/blobs")
        #expect(blobs.count == 4)
        #expect(!blobs.contains { $0.hasSuffix(".incomplete") })
    }

    @Test("a second time only the revision is looked up")
    func secondTime() throws {
        _ = try fetch("plain")
        let before = try server.requests().count
        _ = try fetch("plain")
        let later = try server.requests().dropFirst(before)
        #expect(later.count == 1)
        #expect(later.first?["path"]?.string == "/api/models/owner/plain/revision/main")
    }

    @Test("a pinned commit in the cache needs no network")
    func pinned() throws {
        let reference = try ModelReference("hf:owner/plain@\(Self.commit)")
        let folder = try ModelHub(settings).folder(of: reference)
        let before = try server.requests().count
        #expect(try ModelHub(settings).folder(of: reference) == folder)
        #expect(try server.requests().count == before)
    }

    @Test("a transfer that ends half way is continued where it ended")
    func interrupted() throws {
        let folder = try fetch("interrupted")
        #expect(try bytes("\(folder)/model.safetensors") == Self.weights)
        let ranges = try server.requests().compactMap { $0["range"]?.string }
        #expect(ranges.contains("bytes=\(Self.weights.count / 2)-"))
    }

    @Test("a download that another run began is continued")
    func continued() throws {
        var patient = settings
        patient.attempts = 1
        #expect(throws: HubError.self) { try fetch("interrupted", patient) }
        let left = try cache.names("models--owner--interrupted/blobs")
        #expect(left.contains { $0.hasSuffix(".incomplete") })
        let folder = try fetch("interrupted", patient)
        #expect(try bytes("\(folder)/model.safetensors") == Self.weights)
    }

    @Test("a damaged beginning that another run left is thrown away")
    func damagedBeginning() throws {
        var patient = settings
        patient.attempts = 1
        #expect(throws: HubError.self) { try fetch("interrupted", patient) }
        let blobs = "models--owner--interrupted/blobs"
        let left = try #require(try cache.names(blobs).first { $0.hasSuffix(".incomplete") })
        try cache.write("\(blobs)/\(left)", "not what was sent")
        let folder = try fetch("interrupted")
        #expect(try bytes("\(folder)/model.safetensors") == Self.weights)
    }

    @Test("progress counts up to the whole file")
    func progress() throws {
        var seen: [HubProgress] = []
        _ = try fetch("plain") { seen.append($0) }
        #expect(
            seen.last
                == .downloading(
                    file: "model.safetensors", bytes: Self.weights.count,
                    total: Self.weights.count))
    }

    @Test("weights that are not what was announced are refused and removed")
    func corrupt() throws {
        #expect(try error("corrupt").code == .checksum)
        let blobs = try cache.names("models--owner--corrupt/blobs")
        #expect(!blobs.contains { $0.count >= 64 })
    }

    @Test("a continuation at another place than asked is refused")
    func wrongRange() throws {
        #expect(try error("wrongrange").code == .unexpected)
    }

    @Test("the token goes to the hub and not to the host it redirects to")
    func token() throws {
        var named = settings
        named.token = "secret"
        _ = try fetch("plain", named)
        let requests = try server.requests()
        let elsewhere = requests.filter { $0["host"]?.string?.hasPrefix("localhost") == true }
        #expect(!elsewhere.isEmpty)
        #expect(elsewhere.allSatisfy { $0["token"]?.string == "" })
        let home = requests.filter { $0["host"]?.string?.hasPrefix("127.0.0.1") == true }
        #expect(home.allSatisfy { $0["token"]?.string == "Bearer secret" })
    }

    @Test("a repository that moved is followed")
    func moved() throws {
        let folder = try fetch("moved")
        #expect(try bytes("\(folder)/model.safetensors") == Self.weights)
    }

    @Test("without safetensors the PyTorch file is fetched")
    func pyTorch() throws {
        let folder = try fetch("bin")
        #expect(try bytes("\(folder)/pytorch_model.bin") == Self.weights)
    }

    @Test("all shards of an index are fetched")
    func sharded() throws {
        let folder = try fetch("sharded")
        #expect(
            try bytes("\(folder)/model-00002-of-00002.safetensors")
                == Array(Self.weights[1_000..<3_000]))
    }

    @Test("two processes' worth of downloads at once leave one good copy")
    func concurrent() async throws {
        let hub = ModelHub(settings)
        let reference = try ModelReference("hf:owner/plain")
        let folders = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<4 { group.addTask { try hub.folder(of: reference) } }
            return try await group.reduce(into: Set<String>()) { $0.insert($1) }
        }
        #expect(folders.count == 1)
        let folder = try #require(folders.first)
        #expect(try bytes("\(folder)/model.safetensors") == Self.weights)
    }

    // MARK: Refusals

    @Test(
        "a refusal says what to do",
        arguments: [
            ("gated", HubError.Code.forbidden, "HF_TOKEN"),
            ("private", .forbidden, "HF_TOKEN"),
            ("absent", .notFound, "check owner, name and revision"),
            ("norevision", .notFound, "no revision main"),
            ("failing", .unexpected, "503"),
            ("empty", .unusable, "model.safetensors"),
            ("endless", .network, "redirects"),
            ("huge", .unexpected, "1000000000000000 bytes"),
        ])
    func refusals(name: String, code: HubError.Code, part: String) throws {
        let error = try error(name)
        #expect(error.code == code)
        #expect(error.message.contains(part), "\(error.message)")
    }

    @Test("offline, the cache is used, and a model that is not there is refused with a remedy")
    func offline() throws {
        var offline = settings
        offline.isOffline = true
        let refusal = try error("plain", offline)
        #expect(refusal.code == .offline)
        #expect(refusal.message.contains("HF_HUB_OFFLINE"))
        let folder = try fetch("plain")
        let before = try server.requests().count
        #expect(try fetch("plain", offline) == folder)
        #expect(try server.requests().count == before)
    }

    @Test("an unreachable hub is no obstacle where the cache has the model")
    func unreachable() throws {
        var nowhere = settings
        nowhere.endpoint = "http://127.0.0.1:1"
        let refusal = try error("plain", nowhere)
        #expect(refusal.code == .network)
        #expect(refusal.message.contains("check the connection"))
        let folder = try fetch("plain")
        #expect(try fetch("plain", nowhere) == folder)
    }

    @Test("a cache that cannot be written is refused with a remedy")
    func unwritable() throws {
        try cache.write("taken", "a file")
        var blocked = settings
        blocked.cacheFolder = "\(cache.path)/taken"
        let refusal = try error("plain", blocked)
        #expect(refusal.code == .storage)
        #expect(refusal.message.contains("HF_HOME"))
    }
}

@Suite("Names of models on a hub") struct ModelReferenceTests {
    @Test("a revision is main unless one is given")
    func revision() throws {
        let plain = try ModelReference("hf:facebook/wav2vec2-base-960h")
        #expect(plain.repository == "facebook/wav2vec2-base-960h")
        #expect(plain.revision == "main")
        #expect(try ModelReference("hf:a/b@refs/pr/1").revision == "refs/pr/1")
    }

    @Test(
        "names that could leave the cache or the address are refused",
        arguments: [
            "hf:", "hf:name", "a/b", "hf:a/b/c", "hf:../b", "hf:a/..", "hf:a/b@", "hf:a/b@../x",
            "hf:a/b@x//y", "hf:a/b?x", "hf:a b/c", "hf:a/b@x y", "hf:a/ü", "hf:a--b/c",
        ])
    func refused(text: String) {
        #expect(throws: HubError.self) { try ModelReference(text) }
    }
}
