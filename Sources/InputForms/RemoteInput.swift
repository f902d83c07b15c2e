internal import AudioFolders
internal import AudioFormats
internal import Manifests
internal import RemoteAudio
internal import SpeechTypes
internal import Threading

/// Recordings of an object store, a data set or a web server.
struct RemoteInput: InputForm {
    private let path: PathBytes
    private let isWhole: Bool

    static let page = InputFormPage(
        help: "an address (s3://bucket/talks/)", name: "address",
        recognisedBy: "`s3://`, `hf://datasets/`, `https://`, `http://`",
        rows:
            "where it ends with a slash, every object with a recording's name whose address begins so, in the order of "
            + "keys; otherwise that recording, or that archive ([how](../docs/sources.md))")

    static func recognise(_ candidate: InputCandidate) throws(ManifestError) -> Self? {
        guard candidate.kind == .remote, let address = RemoteAddress(candidate.path) else {
            return nil
        }
        return Self(path: candidate.path, isWhole: address.isFolder)
    }

    var isOneRecording: Bool { !isWhole }

    func forEachRow(
        _ context: InputContext, _ sink: (InputRow) throws(ManifestError) -> Void
    ) throws(ManifestError) -> SkippedEntries {
        var leftOut = SkippedEntries()
        guard isWhole else {
            try sink(.recording(path))
            return leftOut
        }
        guard let remote = context.sources?.remote else { return leftOut }
        var failure: ManifestError?
        do throws(AudioError) {
            try remote.forEachObject(below: path) { entry throws(AudioError) in
                guard failure == nil else { return }
                do throws(ManifestError) {
                    if let reason = Self.reasonToSkip(entry.address, below: path) {
                        leftOut.add(reason, entry.address)
                    } else if entry.address.bytes.last != UInt8(ascii: "/") {
                        context.sources?.listed?.add(byteCount: entry.byteCount)
                        try sink(.recording(entry.address))
                    }
                } catch {
                    failure = error
                }
            }
        } catch {
            throw ManifestError(
                error.code == .audioNotFound ? .notFound : .unreadable, path.text, error.detail)
        }
        if let failure { throw failure }
        return leftOut
    }

    /// As in folders of a disk, by names alone: nothing is fetched to be looked at.
    private static func reasonToSkip(_ address: PathBytes, below: PathBytes) -> SkipReason? {
        // Stores have an empty object where somebody has made a folder.
        if address.bytes.last == UInt8(ascii: "/") { return nil }
        let parts = address.bytes.dropFirst(below.bytes.count).split(separator: UInt8(ascii: "/"))
        if parts.contains(where: { $0.first == UInt8(ascii: ".") }) { return .hidden }
        return FolderOptions.extensions.contains(address.fileExtension) ? nil : .notAudio
    }
}
