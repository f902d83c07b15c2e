import Digests
import Files
import Foundation
import PackedWeights
import TemporaryFolders
import Testing
import Threading
import WeightCache

/// A network of three pieces that says how often it was made of nothing.
private struct Network: Sendable {
    private let pieces: [PackedPiece]

    private final class Memory {
        let bytes: UnsafeMutableRawBufferPointer
        init(_ values: [UInt8]) {
            bytes = .allocate(byteCount: values.count, alignment: 64)
            bytes.copyBytes(from: values)
        }
        deinit { bytes.deallocate() }
    }

    static let counts = [100, 64, 70_000]

    init(_ ledger: PackingLedger, seed: UInt8, counts: [Int] = Self.counts, made: Guarded<Int>) {
        var isMade = false
        pieces = counts.enumerated().map { index, count in
            if let piece = ledger.take(byteCount: count) { return piece }
            isMade = true
            let memory = Memory(Network.values(seed, index, count))
            let piece = PackedPiece(bytes: UnsafeRawBufferPointer(memory.bytes), owner: memory)
            ledger.add(piece)
            return piece
        }
        if isMade { made.withLock { $0 += 1 } }
    }

    static func values(_ seed: UInt8, _ index: Int, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ index) &+ seed }
    }

    func isRight(seed: UInt8, counts: [Int] = Self.counts) -> Bool {
        zip(pieces, counts).enumerated().allSatisfy { index, pair in
            pair.0.bytes.elementsEqual(Network.values(seed, index, pair.1))
        } && pieces.count == counts.count
    }
}

@Suite("Packed weights that all processes share")
struct WeightCacheTests {
    private let temporary: TemporaryFolder
    private let made = Guarded(0)
    private let told = Guarded<[String]>([])

    init() throws { temporary = try TemporaryFolder() }

    private func cache(
        _ folder: String? = nil, machine: String = "a machine", limits: WeightCache.Limits = .init()
    ) -> WeightCache {
        WeightCache(
            WeightFolder(CacheFolder(folder ?? temporary.file("weights")), limits: limits),
            machine: machine, tell: { line in told.withLock { $0.append(line) } })
    }

    private func key(_ cache: WeightCache, _ seed: UInt8 = 1) -> ContentDigest {
        cache.key(model: SHA256Hasher.digest(of: [seed]), arithmetic: "fp32/avx2/openblas-0.3")
    }

    /// Starts once; says how often the network was made of nothing.
    private func start(
        _ cache: WeightCache, seed: UInt8 = 1, counts: [Int] = Network.counts
    ) -> Int {
        made.withLock { $0 = 0 }
        let network = cache.network(key(cache, seed)) {
            Network($0, seed: seed, counts: counts, made: made)
        }
        #expect(network.isRight(seed: seed, counts: counts))
        return made.withLock { $0 }
    }

    private func lines() -> [String] { told.withLock { $0 } }

    @Test("a second start makes nothing, and has the same bytes")
    func warm() throws {
        #expect(start(cache()) == 1)
        #expect(start(cache()) == 0)
        #expect(start(cache()) == 0)
        #expect(lines().isEmpty)
        #expect(try temporary.names("weights").filter { $0.hasSuffix(".weights") }.count == 1)
    }

    @Test("another model, machine or class has pieces of its own")
    func keys() {
        #expect(start(cache()) == 1)
        #expect(start(cache(), seed: 2) == 1)
        #expect(start(cache(machine: "another")) == 1)
        #expect(
            cache().key(model: SHA256Hasher.digest(of: [1]), arithmetic: "bf16") != key(cache()))
        #expect(cache().folder.contents.files == 3)
    }

    @Test(
        "a file with any part altered is made anew",
        arguments: [0, 40, 66, 75, 90, 130, 4_096, 4_190, 9_000, 74_287])
    func altered(place: Int) throws {
        _ = start(cache())
        let path = cache().folder.path(key(cache()))
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        bytes[place] ^= 1
        try bytes.write(to: URL(fileURLWithPath: path))
        #expect(start(cache()) == 1)
        #expect(lines().count == 1 && (lines().first ?? "").contains(path), "\(lines())")
        #expect(start(cache()) == 0, "it is whole again")
    }

    @Test(
        "a file that was cut, or has more behind it, is made anew",
        arguments: [0, 1, 79, 4_095, 50_000, 80_000])
    func cut(count: Int) throws {
        _ = start(cache())
        let path = cache().folder.path(key(cache()))
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        bytes = count < bytes.count ? bytes[..<count] : bytes + Data(count: count - bytes.count)
        try bytes.write(to: URL(fileURLWithPath: path))
        #expect(start(cache()) == 1)
        #expect(lines().count == 1)
        #expect(start(cache()) == 0)
    }

    @Test("pieces of another network under the same name are not taken")
    func foreign() throws {
        _ = start(cache())
        let other = Network.counts + [8]
        #expect(start(cache(), counts: other) == 2)
        #expect(lines().count == 1 && (lines().first ?? "").contains("does not have the pieces"))
        #expect(start(cache(), counts: other) == 0)
        // A whole file of another key.
        _ = start(cache(), seed: 2)
        let folder = cache().folder
        try FileManager.default.removeItem(atPath: folder.path(key(cache(), 1)))
        try FileManager.default.copyItem(
            atPath: folder.path(key(cache(), 2)), toPath: folder.path(key(cache(), 1)))
        #expect(start(cache(), counts: other) == 1)
        #expect(lines().last?.contains("another model") == true)
    }

    @Test("a file that others may write to, a link, a pipe and a folder are not opened")
    func owners() throws {
        let path = cache().folder.path(key(cache()))
        _ = start(cache())
        chmod(path, 0o664)
        #expect(start(cache()) == 1)
        #expect(lines().last?.contains("others may write") == true)
        try FileManager.default.moveItem(atPath: path, toPath: temporary.file("elsewhere"))
        symlink(temporary.file("elsewhere"), path)
        #expect(start(cache()) == 1)
        unlink(path)
        mkfifo(path, 0o600)
        #expect(start(cache()) == 1)
        #expect(start(cache()) == 0)
        if geteuid() == 0 {
            chown(path, 4_711, 4_711)
            #expect(start(cache()) == 1)
            #expect(lines().last?.contains("another user") == true)
        }
    }

    @Test(
        "a folder that cannot be made is said in a line and worked without",
        arguments: ["/dev/null/weights", "/proc/weights"])
    func noFolder(path: String) {
        #expect(start(cache(path)) == 1)
        #expect(lines().count == 1 && (lines().first ?? "").contains("are not kept"), "\(lines())")
        #expect((lines().first ?? "").contains(path) || lines()[0].contains("/dev/null"))
    }

    @Test("of many files the last used stay")
    func eviction() {
        var limits = WeightCache.Limits()
        limits.bytesMax = 200_000
        let cache = cache(limits: limits)
        for seed in 1...2 as ClosedRange<UInt8> { _ = start(cache, seed: seed) }
        age(cache, 2, seconds: 50)
        age(cache, 1, seconds: 100)
        #expect(start(cache, seed: 1) == 0, "it is the last used now")
        #expect(start(cache, seed: 3) == 1)
        #expect(cache.folder.contents.files == 2)
        #expect(cache.folder.contents.byteCount <= limits.bytesMax)
        #expect(start(cache, seed: 1) == 0)
        #expect(start(cache, seed: 3) == 0)
        #expect(start(cache, seed: 2) == 1)
        #expect(lines().isEmpty)
        limits.bytesMax = 10_000
        let small = self.cache(temporary.file("small"), limits: limits)
        #expect(start(small) == 1)
        #expect(lines().count == 1 && (lines().first ?? "").contains("larger than"))
        #expect(small.folder.contents.files == 0)
    }

    @Test("what nobody used for long goes with the next that is written")
    func unused() {
        let cache = cache()
        _ = start(cache, seed: 1)
        age(cache, 1, seconds: cache.folder.limits.unusedSecondsMax + 10)
        _ = start(cache, seed: 2)
        #expect(cache.folder.contents.files == 1)
        #expect(start(cache, seed: 1) == 1)
    }

    @Test("what a process that was killed left half written goes with the next that is written")
    func parts() throws {
        try temporary.write("weights/abc.weights.123.part", "half")
        _ = start(cache())
        #expect(try temporary.names("weights").filter { $0.hasSuffix(".part") }.isEmpty)
    }

    @Test("several that start at once all work, and leave one whole file")
    func together() throws {
        let right = Guarded(0)
        let cache = cache()
        let key = key(cache)
        let made = made
        let threads = try (0..<6).map { _ in
            try DedicatedThread {
                let network = cache.network(key) { Network($0, seed: 1, made: made) }
                if network.isRight(seed: 1) { right.withLock { $0 += 1 } }
            }
        }
        for thread in threads { thread.join() }
        #expect(right.withLock { $0 } == 6)
        #expect(lines().isEmpty, "\(lines())")
        #expect(start(cache) == 0)
        #expect(try temporary.names("weights").filter { !$0.hasPrefix(".") }.count == 1)
    }

    @Test("a writer that does not come to an end is not waited for without end")
    func stuckWriter() throws {
        var limits = WeightCache.Limits()
        limits.patienceMilliseconds = 50
        try temporary.write("weights/.lock")
        let lock = try FileLock.ifFree(file: temporary.file("weights/.lock"), permissions: 0o600)
        #expect(lock != nil)
        #expect(start(cache(limits: limits)) == 1)
        #expect(lines().count == 1 && (lines().first ?? "").contains("does not come to an end"))
        withExtendedLifetime(lock) {}
    }

    /// Says that a file was last used so many seconds ago.
    private func age(_ cache: WeightCache, _ seed: UInt8, seconds: Int) {
        let time = Date(timeIntervalSinceNow: -Double(seconds))
        try? FileManager.default.setAttributes(
            [.modificationDate: time], ofItemAtPath: cache.folder.path(key(cache, seed)))
    }

    @Test(
        "a disk that is full or read-only is said in a line and worked without",
        .enabled(if: SmallDisk.isAllowed, "a file system in memory needs root"))
    func fullDisk() throws {
        let disk = try SmallDisk()
        let large = [3 << 20]
        #expect(start(cache(disk.path), counts: large) == 1)
        #expect(lines().count == 1 && (lines().first ?? "").contains("No space left"), "\(lines())")
        #expect(try FileManager.default.contentsOfDirectory(atPath: disk.path) == [".lock"])
        // What fits is kept, and read where nothing can be written any more.
        #expect(start(cache(disk.path), seed: 2) == 1)
        try disk.makeReadOnly()
        #expect(start(cache(disk.path), seed: 2) == 0)
        #expect(lines().count == 1)
        #expect(start(cache(disk.path), seed: 3) == 1)
        #expect(lines().count == 2 && (lines().last ?? "").contains("Read-only"), "\(lines())")
    }
}

/// A file system in memory, of a MiB; only root may have one.
private final class SmallDisk {
    let path = NSTemporaryDirectory() + "scriptorium-disk-\(UUID().uuidString.prefix(8))"

    static let isAllowed: Bool = (try? SmallDisk()) != nil

    init() throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        guard mount("tmpfs", path, "tmpfs", 0, "size=1m") == 0 else {
            rmdir(path)
            throw POSIXError(.EPERM)
        }
    }

    deinit {
        umount2(path, Int32(MNT_DETACH))
        rmdir(path)
    }

    func makeReadOnly() throws {
        guard mount("tmpfs", path, "tmpfs", UInt(MS_REMOUNT | MS_RDONLY), nil) == 0 else {
            throw POSIXError(.EPERM)
        }
    }
}
