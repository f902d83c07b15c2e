package import AudioFormats
internal import AudioPlaces
internal import Files
internal import Glibc
package import LogitsFiles
package import SpeechTypes

/// A folder of log-probabilities that `--save-logits` wrote, for reading: files of rows, shards, or both.
package struct LogitsFolder: Sendable {
    private let path: String
    /// Where in a shard the members stand, by their names without `.npy`.
    private let members: [String: PathBytes]

    /// Looks at the headers of all shards.
    ///
    /// A member that two shards have is taken from the first: workers that were given a row twice have
    /// written the same.
    ///
    /// - Throws: if the folder or a shard cannot be read.
    package init(_ path: String) throws(LogitsError) {
        self.path = path
        var members: [String: PathBytes] = [:]
        try mapError(LogitsError.init(reading:)) { () throws(FileError) in
            for shard in try Self.shards(in: path) {
                try Self.index(shard, into: &members)
            }
        }
        self.members = members
    }

    /// Where the log-probabilities of a row are: files or parts of shards, one for each lane.
    ///
    /// What is not there has a path all the same, for the error that says so.
    package func files(of ordinal: Int, channels: ChannelPolicy) -> [PathBytes] {
        guard channels == .each else { return [file("\(ordinal)")] }
        var files = [file("\(ordinal).0")]
        while contains("\(ordinal).\(files.count)") {
            files.append(file("\(ordinal).\(files.count)"))
        }
        return files
    }

    /// Where the log-probabilities of a row with one lane are; nil if there are none.
    package func file(of ordinal: Int) -> PathBytes? {
        contains("\(ordinal)") ? file("\(ordinal)") : nil
    }

    /// 16 bytes of SHA-256 of a row's log-probabilities, as its record's row has them.
    package func digest(of ordinal: Int, channels: ChannelPolicy) throws(AudioError) -> [UInt8] {
        var digests: [[UInt8]] = []
        let paths = AudioPathPolicy(baseFolder: path)
        for file in files(of: ordinal, channels: channels) {
            digests.append(try StoredLogits.digest(of: file, paths))
        }
        return StoredLogits.digest(ofLanes: digests)
    }

    /// Puts the log-probabilities of some rows into a new folder, under other numbers.
    ///
    /// - Throws: if a disk refuses; rows that have none here have none there.
    package func copy(
        _ rows: [(from: Int, to: Int)], channels: ChannelPolicy, to folder: String
    ) throws(LogitsError) {
        try mapError(LogitsError.init(reading:)) { () throws(FileError) in
            guard mkdir(folder, 0o700) == 0 || errno == EEXIST else {
                throw FileError(folder, "make the folder")
            }
            for (from, to) in rows {
                for lane in files(of: from, channels: channels).indices {
                    let suffix = channels == .each ? ".\(lane)" : ""
                    try copy("\(from)\(suffix)", to: "\(folder)/\(to)\(suffix).npy")
                }
            }
        }
    }

    private func copy(_ name: String, to target: String) throws(FileError) {
        guard let member = members[name].flatMap({ ByteRange($0) }), let count = member.length
        else {
            return try AtomicFile.link(target, to: "\(path)/\(name).npy")
        }
        let shard = try OpenFile(member.file)
        let file = try AtomicFile(target, isDurable: false)
        var offset = 0
        while offset < count {
            let bytes = try shard.bytes(
                at: member.offset + offset, count: min(DescriptorIO.blockBytes, count - offset))
            if bytes.isEmpty { break }
            try file.write(bytes)
            offset += bytes.count
        }
        try file.commit()
    }

    private func file(_ name: String) -> PathBytes {
        members[name] ?? PathBytes("\(path)/\(name).npy")
    }

    private func contains(_ name: String) -> Bool {
        members[name] != nil || access("\(path)/\(name).npy", F_OK) == 0
    }

    private static func shards(in folder: String) throws(FileError) -> [String] {
        try FolderListing.names(in: folder) { $0.hasSuffix(".tar") }.map { "\(folder)/\($0)" }
    }

    private static func index(
        _ shard: String, into members: inout [String: PathBytes]
    ) throws(FileError) {
        let file = try OpenFile(shard)
        let end = file.byteCount ?? 0
        var offset = 0
        while offset + PlainTarHeader.byteCount <= end {
            let bytes = try file.bytes(at: offset, count: PlainTarHeader.byteCount)
            // What follows a damaged header cannot be told; rows that are missing say so.
            guard let (name, size) = PlainTarHeader.read(bytes) else { return }
            offset += PlainTarHeader.byteCount
            guard size <= end - offset else { return }
            if name.hasSuffix(".npy") {
                let own = String(name.dropLast(4))
                if members[own] == nil { members[own] = PathBytes("\(shard):\(offset):\(size)") }
            }
            offset += PlainTarHeader.padded(size)
        }
    }
}
