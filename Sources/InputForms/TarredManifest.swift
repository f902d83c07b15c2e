internal import ArchivedAudio
internal import AudioFolders
internal import AudioFormats
internal import Manifests
internal import SpeechTypes
internal import StrictJSON

/// A manifest whose rows name members of tar archives, as NeMo's converter writes it.
///
/// https://docs.nvidia.com/nemo-framework/user-guide/latest/nemotoolkit/asr/datasets.html
struct TarredManifest: InputForm {
    private let manifest: JSONLinesManifest
    private let shards: TarShards
    /// Of the manifest itself, for rows that do not say of which shard they are.
    private let number: Int?

    static let page = InputFormPage(
        help: "a manifest of tar shards (NeMo's)", choice: "tarred",
        name: "NeMo manifest of tar shards",
        recognisedBy:
            "`--tar` names archives, or the first row has a `shard_id` and `audio_ID.tar` lies beside the manifest or "
            + "its folder",
        rows:
            "a row, its `audio_filepath` the member's place in its archive ([how](#archives)); `a-sub1.wav` is a span of "
            + "`a.wav`, as NeMo calls it")

    static func recognise(_ candidate: InputCandidate) throws(ManifestError) -> Self? {
        guard candidate.kind == .regularFile, candidate.isForced || candidate.isManifest,
            let first = candidate.firstObject(), first[ManifestRow.pathKey]?.string != nil
        else { return nil }
        let shards: TarShards
        if candidate.tars.isEmpty {
            let id = first["shard_id"]?.int
            shards = TarShards(beside: try FilePath.absolute(candidate.path).folder)
            let isThere =
                id.map { id in
                    shards.candidates(ofShard: id).contains { FilePath.status($0) != nil }
                } ?? false
            guard isThere else { return nil }
        } else {
            shards = TarShards(candidate.tars)
        }
        var plain = candidate
        plain.isForced = true
        guard let manifest = try JSONLinesManifest.recognise(plain) else { return nil }
        return Self(
            manifest: manifest, shards: shards,
            number: TarShards.number(ofManifest: candidate.path))
    }

    func base(_ context: InputContext) throws(ManifestError) -> PathBytes {
        try manifest.base(context)
    }

    func forEachRow(
        _ context: InputContext, _ sink: (InputRow) throws(ManifestError) -> Void
    ) throws(ManifestError) -> SkippedEntries {
        var lookup = MemberLookup(shards, context)
        return try manifest.forEachRow(context) { row throws(ManifestError) in
            guard case .line(let raw) = row, let parsed = try? ManifestRow.parse(raw: raw),
                parsed.hasAudio, parsed.hasRelativePath, ArchiveMember(parsed.audioPath) == nil
            else { return try sink(row) }
            let shard = parsed.object["shard_id"]?.int ?? number
            guard let member = try lookup.member(parsed.audioPath, ofShard: shard) else {
                return try sink(row)
            }
            try sink(.line(CanonicalRow.renamed(parsed, to: member.path)))
        }
    }
}

/// Where the members of shards stand.
private struct MemberLookup {
    private let shards: TarShards
    private let context: InputContext
    /// Of archives that were asked for; nil for those that cannot be read.
    private var indexes: [PathBytes: TarIndex?] = [:]
    private var archives: [Int: PathBytes] = [:]

    init(_ shards: TarShards, _ context: InputContext) {
        self.shards = shards
        self.context = context
    }

    /// - Returns: the member, with its place if it is there; nil where no archive can be meant.
    /// - Throws: if an archive's storage does not answer.
    mutating func member(
        _ name: PathBytes, ofShard shard: Int?
    ) throws(ManifestError) -> ArchiveMember? {
        if let shard, let archive = archive(ofShard: shard) {
            return try found(name, in: archive) ?? ArchiveMember(.tar, name, in: archive)
        }
        for archive in shards.named {
            if let member = try found(name, in: absolute(archive)) { return member }
        }
        return shards.named.first.map { ArchiveMember(.tar, name, in: absolute($0)) }
    }

    private mutating func archive(ofShard number: Int) -> PathBytes? {
        if let known = archives[number] { return known }
        let candidates = shards.candidates(ofShard: number).map { absolute($0) }
        let isThere = { (path: PathBytes) in
            AudioLocation.scheme(of: path) != nil || FilePath.status(path) != nil
        }
        let archive = candidates.first(where: isThere) ?? candidates.first
        archives[number] = archive
        return archive
    }

    private func absolute(_ archive: PathBytes) -> PathBytes {
        AudioLocation.joined(archive, to: context.workingFolder)
    }

    private mutating func found(
        _ name: PathBytes, in archive: PathBytes
    ) throws(ManifestError) -> ArchiveMember? {
        guard let index = try index(of: archive) else { return nil }
        for name in [name, TarShards.whole(of: name)] {
            if let name, let place = index.place(of: name) {
                return ArchiveMember(.tar, name, in: archive, at: place)
            }
        }
        return nil
    }

    private mutating func index(of archive: PathBytes) throws(ManifestError) -> TarIndex? {
        if let known = indexes[archive] { return known }
        let index: TarIndex?
        do throws(AudioError) {
            index = try context.sources?.index(of: archive)
        } catch {
            // Rows of an archive that is not there, or is none, each say so.
            guard error.failureClass == .input else {
                throw ManifestError(.unreadable, archive.text, error.detail)
            }
            index = nil
        }
        indexes[archive] = .some(index)
        return index
    }
}
