internal import ArchivedAudio
internal import AudioFolders
internal import AudioFormats
internal import Manifests
internal import SpeechTypes
internal import StrictJSON

/// A tar or zip archive with recordings, and with what WebDataset puts beside them.
///
/// https://github.com/webdataset/webdataset
struct ArchiveInput: InputForm {
    private let path: PathBytes
    private let kind: ArchiveMember.Kind

    static let page = InputFormPage(
        help: "a tar or zip archive", choice: "archive", name: "archive (WebDataset)",
        recognisedBy: "`.tar`, `.zip`",
        rows:
            "every member with a recording's name, in the archive's order ([how](#archives)); `id` is its path up to the "
            + "first dot in the name; text from a member `.txt` of the same `id` next to it, or from `text` of a `.json`, "
            + "whose other members are kept")

    /// Of a text that stands beside a recording.
    private static let textBytesMax = 1 << 20

    static func recognise(_ candidate: InputCandidate) throws(ManifestError) -> Self? {
        guard candidate.kind == .regularFile || candidate.kind == .remote else { return nil }
        let named = ArchiveMember.Kind(rawValue: candidate.path.fileExtension)
        guard
            let kind = named ?? (candidate.isForced && candidate.kind == .regularFile ? .tar : nil)
        else { return nil }
        guard ArchiveMember.canName(candidate.path) else {
            throw ManifestError(
                .invalid, candidate.path.text,
                "has a name that rows cannot hold (:: or numbers at its end); rename it")
        }
        return Self(path: candidate.path, kind: kind)
    }

    func forEachRow(
        _ context: InputContext, _ sink: (InputRow) throws(ManifestError) -> Void
    ) throws(ManifestError) -> SkippedEntries {
        var leftOut = SkippedEntries()
        guard let sources = context.sources else { return leftOut }
        var failure: ManifestError?
        do throws(AudioError) {
            let source = try sources.open(
                AudioLocation.joined(path, to: context.workingFolder))
            try ArchiveSample.forEach(in: source, kind, at: context.named(path)) {
                sample throws(AudioError) in
                guard failure == nil else { return }
                do throws(ManifestError) {
                    for row in try rows(of: sample, sources, source, &leftOut) {
                        try sink(.described(row))
                    }
                } catch {
                    failure = error
                }
            }
        } catch {
            throw ManifestError(.unreadable, path.text, error.detail)
        }
        if let failure { throw failure }
        return leftOut
    }

    private func rows(
        of sample: ArchiveSample, _ sources: InputSources, _ source: any ArchiveSource,
        _ leftOut: inout SkippedEntries
    ) throws(ManifestError) -> [RowDescription] {
        var recordings: [ArchiveMember] = []
        var text: ArchiveMember?
        var metadata: ArchiveMember?
        for member in sample.members {
            if FolderOptions.extensions.contains(member.name.fileExtension) {
                recordings.append(member)
            } else {
                switch sample.suffix(of: member) {
                case "txt": text = member
                case "json": metadata = member
                default: leftOut.add(.notAudio, member.path)
                }
            }
        }
        guard !recordings.isEmpty else {
            for member in [text, metadata] { if let member { leftOut.add(.notAudio, member.path) } }
            return []
        }
        let words = try text.map { member throws(ManifestError) in
            try contents(of: member, sources, source)
        }
        let object = try metadata.map { member throws(ManifestError) in
            let bytes = try contents(of: member, sources, source)
            // Some write it over several lines.
            return bytes.map { $0 == 0x0A || $0 == 0x0D ? 0x20 : $0 }
        }
        return try recordings.map { recording throws(ManifestError) in
            var row = RowDescription(recording.path)
            if let object {
                do throws(RowError) {
                    row = RowDescription(
                        recording.path, metadata: try ManifestRow.strictObject(object), of: object)
                } catch {
                    throw ManifestError(.invalid, metadata?.path.text ?? "", error.detail)
                }
            }
            if let words {
                let line = words.split { $0 == 0x0A || $0 == 0x0D }.joined(separator: [0x20])
                row.text = String(decoding: Array(line), as: UTF8.self)
            }
            if row.id == nil, sample.key.isText { row.id = sample.key.text }
            return row
        }
    }

    private func contents(
        of member: ArchiveMember, _ sources: InputSources, _ source: any ArchiveSource
    ) throws(ManifestError) -> [UInt8] {
        do throws(AudioError) {
            let file = try sources.shelf.file(of: member, in: source, progress: nil)
            guard file.byteCount <= Self.textBytesMax else {
                throw AudioError(
                    .audioUnsupported, member.path.text,
                    "has more than \(Self.textBytesMax >> 20) MiB, which is no text of a recording")
            }
            return try file.bytes(at: 0, count: file.byteCount)
        } catch {
            throw ManifestError(.unreadable, member.path.text, error.detail)
        }
    }
}
