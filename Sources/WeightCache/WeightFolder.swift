package import Digests
package import Files
internal import Glibc
internal import PackedWeights
internal import Threading

/// The folder of packed weights: a file for each key, the least recently used of which go first.
package struct WeightFolder: Sendable {
    /// Why a file is not trusted.
    package struct Refusal: Error, Hashable, Sendable, CustomStringConvertible {
        package let description: String
    }

    /// What is in the folder.
    package struct Contents: Hashable, Sendable {
        package var files = 0
        package var byteCount = 0
    }

    package let path: String
    package let limits: WeightCache.Limits

    private static let ending = ".weights"
    /// Of files that are being written.
    private static let partEnding = ".part"
    /// Threads that look at checksums: memory is not faster for more.
    private static let threadsMax = 4

    package init(_ folder: CacheFolder, limits: WeightCache.Limits = WeightCache.Limits()) {
        path = folder.path
        self.limits = limits
    }

    /// `${XDG_CACHE_HOME:-~/.cache}/scriptorium/weights`; nil without a home.
    package static func standard() -> WeightFolder? {
        CacheFolder.standard("weights").map { WeightFolder($0) }
    }

    package func path(_ key: ContentDigest) -> String { "\(path)/\(name(key))" }

    private func name(_ key: ContentDigest) -> String {
        String(key.hex.prefix(32)) + Self.ending
    }

    func prepare() throws(FileError) { try CacheFolder(path).prepare() }

    /// Files that hold weights now.
    package var contents: Contents {
        files().reduce(into: Contents()) { contents, file in
            contents.files += 1
            contents.byteCount += file.byteCount
        }
    }

    func remove(_ key: ContentDigest) { unlink(path(key)) }

    // MARK: Reading

    /// The pieces of a key, mapped; nil where there is no such file.
    ///
    /// - Throws: if the file is not this user's, not whole, or of something else.
    func pieces(_ key: ContentDigest) throws(Refusal) -> [PackedPiece]? {
        let path = path(key)
        var status = stat()
        // Looked at before it is opened: opening a pipe would wait for its writer.
        guard lstat(path, &status) == 0 else { return nil }
        try check(status)
        let mapped: MappedFile
        do throws(FileError) {
            let file = try OpenFile(path)
            guard fstat(file.descriptor, &status) == 0 else {
                throw FileError(path, "examine it")
            }
            mapped = try MappedFile(
                file.descriptor, byteCount: Int(status.st_size), path: path)
            // The time of change is that of the last use.
            futimens(file.descriptor, nil)
        } catch {
            if error.isMissing { return nil }
            throw Refusal(description: error.sentence)
        }
        try check(status)
        do throws(PackedWeightsForm.Flaw) {
            return try Self.pieces(in: mapped, key)
        } catch {
            throw Refusal(description: error.description)
        }
    }

    /// Refuses what others could have written.
    private func check(_ status: stat) throws(Refusal) {
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw Refusal(description: "it is not a regular file")
        }
        guard status.st_uid == geteuid() || status.st_uid == 0 else {
            throw Refusal(description: "it belongs to another user")
        }
        guard status.st_mode & (S_IWGRP | S_IWOTH) == 0 else {
            throw Refusal(description: "others may write to it")
        }
        guard status.st_size <= limits.bytesMax else {
            throw Refusal(description: "it is larger than any that is kept")
        }
    }

    private static func pieces(
        in file: MappedFile, _ key: ContentDigest
    ) throws(PackedWeightsForm.Flaw) -> [PackedPiece] {
        let (layout, checksums) = try PackedWeightsForm.read(file.bytes, key: key)
        file.prefetch(0..<file.bytes.count)
        let threads = min(threadsMax, max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))))
        // Large ones first, so that no thread begins one last.
        let order = layout.ranges.indices.sorted {
            layout.ranges[$0].count > layout.ranges[$1].count
        }
        let areWhole = ParallelMap.map(order, threads: threads) { index in
            CRC32C.checksum(of: UnsafeRawBufferPointer(rebasing: file.bytes[layout.ranges[index]]))
                == checksums[index]
        }
        guard areWhole.allSatisfy({ $0 }) else {
            throw PackedWeightsForm.Flaw("its bytes were altered")
        }
        return layout.ranges.map {
            PackedPiece(bytes: UnsafeRawBufferPointer(rebasing: file.bytes[$0]), owner: file)
        }
    }

    // MARK: Writing

    /// Writes the pieces of a key, or waits for another process that does.
    ///
    /// - Returns: nil if a file is there now; else why not, where no file or folder is the reason.
    /// - Throws: if the disk refuses.
    func store(_ pieces: [PackedPiece], _ key: ContentDigest) throws(FileError) -> String? {
        guard pieces.count <= PackedWeightsForm.piecesMax,
            let layout = PackedWeightsForm.Layout(lengths: pieces.map(\.bytes.count)),
            layout.byteCount <= limits.bytesMax
        else { return "they are larger than the \(limits.bytesMax >> 20) MiB that all may take" }
        guard let lock = try writersLock() else {
            return "another process writes to \(path) and does not come to an end"
        }
        defer { withExtendedLifetime(lock) {} }
        // Whoever wrote while this process waited may have written the same.
        if (try? self.pieces(key)) != nil { return nil }
        makeRoom(for: layout.byteCount)
        let file = try AtomicFile(
            path(key), writtenTo: "\(path)/\(name(key)).\(getpid())\(Self.partEnding)",
            permissions: 0o644, isSecret: true, isDurable: false)
        // A disk that is full says so before much is written.
        try file.extend(to: layout.byteCount)
        try write(pieces, layout, key, to: file)
        try file.commit()
        return nil
    }

    private func write(
        _ pieces: [PackedPiece], _ layout: PackedWeightsForm.Layout, _ key: ContentDigest,
        to file: AtomicFile
    ) throws(FileError) {
        let checksums = pieces.map { CRC32C.checksum(of: $0.bytes) }
        try file.overwrite(
            PackedWeightsForm.head(key: key, layout: layout, checksums: checksums), at: 0)
        for (piece, range) in zip(pieces, layout.ranges) {
            for start in stride(from: 0, to: piece.bytes.count, by: AtomicFile.bufferBytes) {
                let end = min(start + AtomicFile.bufferBytes, piece.bytes.count)
                try file.overwrite(Array(piece.bytes[start..<end]), at: range.lowerBound + start)
            }
        }
    }

    /// One process writes at a time; nil where another does for too long.
    private func writersLock() throws(FileError) -> FileLock? {
        let deadline = MonotonicClock.milliseconds() + limits.patienceMilliseconds
        while true {
            if let lock = try FileLock.ifFree(file: "\(path)/.lock", permissions: 0o600) {
                return lock
            }
            guard MonotonicClock.milliseconds() < deadline else { return nil }
            usleep(10_000)
        }
    }

    /// Takes away files that no longer have a place beside so many bytes.
    ///
    /// Those are the least recently used, what was not used for long, and what processes that were killed left half
    /// written. Whoever has a file mapped keeps it.
    private func makeRoom(for byteCount: Int) {
        let parts = try? FolderListing.names(in: path) { $0.hasSuffix(Self.partEnding) }
        for name in parts ?? [] { unlink("\(path)/\(name)") }
        let now = time(nil)
        var left = limits.bytesMax - byteCount
        for file in files() {
            left -= file.byteCount
            if left < 0 || file.usedSeconds < now - limits.unusedSecondsMax {
                unlink("\(path)/\(file.name)")
                left += file.byteCount
            }
        }
    }

    /// All files, the last used first.
    private func files() -> [(usedSeconds: Int, byteCount: Int, name: String)] {
        let names = try? FolderListing.names(in: path) { $0.hasSuffix(Self.ending) }
        return (names ?? []).map { name in
            var status = stat()
            guard lstat("\(path)/\(name)", &status) == 0 else { return (0, 0, name) }
            return (status.st_mtim.tv_sec, Int(status.st_size), name)
        }.sorted { ($0.usedSeconds, $1.name) > ($1.usedSeconds, $0.name) }
    }
}
