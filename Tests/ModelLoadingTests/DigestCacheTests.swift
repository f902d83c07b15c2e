internal import Checkpoints
internal import Digests
internal import Foundation
internal import ModelLoading
internal import Testing

@Suite("Remembered digests") final class DigestCacheTests {
    private let folder: String

    init() throws {
        let url = FileManager.default.temporaryDirectory
            .appending(path: "scriptorium-digests-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        folder = url.path()
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    /// A copy of a golden checkpoint that was last changed an hour ago.
    private func settledModel() throws -> LoadedModel {
        let path = "\(folder)/checkpoint.pt"
        if !FileManager.default.fileExists(atPath: path) {
            try FileManager.default.copyItem(
                atPath: "\(GoldenCheckpoint.root)/nv_hourglass_short/checkpoint.pt", toPath: path)
            try FileManager.default.setAttributes(
                [.modificationDate: Date(timeIntervalSinceNow: -3_600)], ofItemAtPath: path)
        }
        return try ModelLoader.load(path: path)
    }

    @Test("a digest is computed once and then looked up")
    func remembered() throws {
        let cache = DigestCache(folder: "\(folder)/deep/cache")
        let first = try settledModel().digest(cache: cache)
        let entries = try FileManager.default.contentsOfDirectory(atPath: "\(folder)/deep/cache")
        let entry = try #require(entries.first)
        #expect(entries.count == 1)
        // Another answer in the cache shows that it is asked.
        let other = String(repeating: "ab", count: 32)
        try Data("\(other)\n".utf8).write(to: URL(filePath: "\(folder)/deep/cache/\(entry)"))
        #expect(try settledModel().digest(cache: cache).hex == other)
        // What is no digest is computed again.
        try Data("damaged".utf8).write(to: URL(filePath: "\(folder)/deep/cache/\(entry)"))
        #expect(try settledModel().digest(cache: cache) == first)
    }

    @Test("a changed file is another entry")
    func changed() throws {
        let cache = DigestCache(folder: "\(folder)/cache")
        _ = try settledModel().digest(cache: cache)
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSinceNow: -1_800)],
            ofItemAtPath: "\(folder)/checkpoint.pt")
        _ = try settledModel().digest(cache: cache)
        #expect(try FileManager.default.contentsOfDirectory(atPath: "\(folder)/cache").count == 2)
    }

    @Test("a file that has just changed is not remembered, since it may change again unseen")
    func fresh() throws {
        let cache = DigestCache(folder: "\(folder)/cache")
        _ = try settledModel()
        try FileManager.default.setAttributes(
            [.modificationDate: Date()], ofItemAtPath: "\(folder)/checkpoint.pt")
        _ = try settledModel().digest(cache: cache)
        #expect(!FileManager.default.fileExists(atPath: "\(folder)/cache"))
    }

    @Test("a cache that cannot be written costs time and nothing else")
    func unwritable() throws {
        try Data().write(to: URL(filePath: "\(folder)/taken"))
        let cache = DigestCache(folder: "\(folder)/taken/cache")
        #expect(try settledModel().digest(cache: cache) == settledModel().digest(cache: nil))
    }
}
