package import SpeechTypes

/// The archives of a manifest whose rows name members of them, as NeMo writes such: `audio_0.tar`, `audio_1.tar`, … and
/// `shard_id` in the rows.
package struct TarShards: Sendable {
    private enum Source: Sendable {
        case named([Int: PathBytes], [PathBytes])
        /// Looked for in these folders.
        case beside([PathBytes])
    }

    private let source: Source

    /// - Parameter archives: that somebody has named, in the order of the shards where names have no numbers.
    package init(_ archives: [PathBytes]) {
        var numbered: [Int: PathBytes] = [:]
        for (index, archive) in archives.enumerated() {
            numbered[Self.number(of: archive, in: "audio", end: ".tar") ?? index] = archive
        }
        // Where numbers do not tell the archives apart, their order does.
        if numbered.count < archives.count {
            numbered = Dictionary(uniqueKeysWithValues: archives.enumerated().map { ($0, $1) })
        }
        source = .named(numbered, archives)
    }

    /// Archives in the folder of a manifest, or in the one above: `sharded_manifests/manifest_0.json` belongs to
    /// `audio_0.tar` beside that folder.
    package init(beside folder: PathBytes) {
        let parent = folder.isAbsolute ? folder.folder : folder.joined("..")
        source = .beside([folder, parent])
    }

    /// Where the archive of a shard may be, in order; the first one that exists is meant.
    package func candidates(ofShard number: Int) -> [PathBytes] {
        switch source {
        case .named(let numbered, let all):
            if all.count == 1 { return all }
            return numbered[number].map { [$0] } ?? []
        case .beside(let folders):
            return folders.map { $0.joined(PathBytes("audio_\(number).tar")) }
        }
    }

    /// All archives that were named, for rows that do not say which they are of.
    package var named: [PathBytes] {
        if case .named(_, let all) = source { all } else { [] }
    }

    /// The number of a shard's manifest, by its name: 7 of `manifest_7.json` and `manifest_normalized_7.jsonl.gz`.
    package static func number(ofManifest path: PathBytes) -> Int? {
        number(of: path, in: "manifest", end: ".json")
    }

    /// The digits behind the last underscore that some follow, in a name that begins and ends so.
    private static func number(of path: PathBytes, in begin: String, end: String) -> Int? {
        let name = String(decoding: path.name, as: UTF8.self)
        guard let start = name.firstRange(of: begin) else { return nil }
        let rest = name[start.upperBound...]
        guard let stop = rest.firstRange(of: end) else { return nil }
        return rest[..<stop.lowerBound].split(separator: "_", omittingEmptySubsequences: false)
            .dropFirst().reversed().lazy.compactMap { part in
                Int(part.prefix { $0.isASCII && $0.isNumber })
            }.first
    }

    /// The member that a row names, where it is one of several rows of a recording: NeMo calls the second and the further
    /// ones of a shard `a-sub1.wav`, `a-sub2.wav`; nil for other names.
    package static func whole(of name: PathBytes) -> PathBytes? {
        let text = name.text
        guard name.isText, let match = text.firstMatch(of: /^(.+)-sub[0-9]+(\.[A-Za-z0-9_]+)?$/)
        else {
            return nil
        }
        return PathBytes(String(match.output.1) + String(match.output.2 ?? ""))
    }
}
