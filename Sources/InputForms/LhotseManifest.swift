internal import AudioFolders
internal import Manifests
internal import SpeechTypes
internal import StrictJSON

/// Manifests of lhotse in JSON Lines: cuts, or recordings with their supervisions.
///
/// https://lhotse.readthedocs.io/en/latest/cuts.html
struct LhotseManifest: InputForm {
    private enum Content {
        case cuts(PathBytes)
        case recordings(PathBytes)
        case supervisions(PathBytes, recordings: PathBytes)
    }

    private let content: Content

    static let page = InputFormPage(
        help: "cuts, recordings or supervisions of lhotse", choice: "lhotse", name: "lhotse",
        recognisedBy:
            "a first line that is a cut, a recording or a supervision; a folder with `--input-form lhotse`",
        rows:
            "a cut (`MonoCut`, `MultiCut`); or a supervision, its recording found in the `recordings` list that is called as "
            + "the `supervisions` list; or, without that, a recording; its `id`, text, speaker, language, channel; of "
            + "several supervisions in a cut the texts one after another, and their times as `supervisions`; relative "
            + "paths start at the working folder")

    private static let extensions: Set = ["json", "jsonl", "ndjson"]
    /// What the kinds of lists are called in names of files.
    private static let (recordings, supervisions) = ("recordings", "supervisions")

    var namesChannels: Bool { true }

    static func recognise(_ candidate: InputCandidate) throws(ManifestError) -> Self? {
        let path = candidate.path
        if candidate.isForced, candidate.kind == .folder {
            if let cuts = path.list("cuts.jsonl") { return Self(content: .cuts(cuts)) }
            guard let list = path.list(PathBytes("\(recordings).jsonl")) else {
                throw ManifestError(
                    .invalid, path.text,
                    "has neither cuts.jsonl nor recordings.jsonl (nor .gz, .zst); name the list itself"
                )
            }
            return Self(content: ofRecordings(list))
        }
        guard candidate.kind == .regularFile,
            candidate.isForced || candidate.isList(withExtension: extensions),
            let first = candidate.firstObject(), first.member(ManifestRow.pathKey) == nil
        else { return nil }
        if LhotseObjects.isCut(first) { return Self(content: .cuts(path)) }
        if LhotseObjects.isRecording(first) { return Self(content: ofRecordings(path)) }
        guard LhotseObjects.isSupervision(first) else { return nil }
        guard let list = counterpart(of: path, supervisions, recordings) else {
            throw ManifestError(
                .invalid, path.text,
                "a list of lhotse's supervisions, whose audio is in a list of recordings; give that the "
                    + "same name with \(recordings) in place of \(supervisions), or name a list of cuts"
            )
        }
        return Self(content: .supervisions(path, recordings: list))
    }

    private static func ofRecordings(_ path: PathBytes) -> Content {
        guard let list = counterpart(of: path, recordings, supervisions) else {
            return .recordings(path)
        }
        return .supervisions(list, recordings: path)
    }

    /// The list of another kind that goes with one, by its name: `train_recordings.jsonl.gz` and
    /// `train_supervisions.jsonl.gz`.
    private static func counterpart(
        of path: PathBytes, _ kind: String, _ other: String
    ) -> PathBytes? {
        let name = String(decoding: InputCandidate.listName(of: path).name, as: UTF8.self)
        guard let place = name.range(of: kind) else { return nil }
        return path.folder.list(
            PathBytes(
                String(name[..<place.lowerBound]) + other + String(name[place.upperBound...])))
    }

    func forEachRow(
        _ context: InputContext, _ sink: (InputRow) throws(ManifestError) -> Void
    ) throws(ManifestError) -> SkippedEntries {
        switch content {
        case .cuts(let path):
            let lines = try InputLines(path)
            while let line = try lines.nextRow() {
                try sink(.described(try LhotseObjects(line).cut()))
            }
        case .recordings(let path):
            let lines = try InputLines(path)
            while let line = try lines.nextRow() {
                let objects = try LhotseObjects(line)
                var row = try objects.audio(of: objects.object, channels: nil)
                row.id = objects.object["id"]?.string
                try sink(.described(row))
            }
        case .supervisions(let path, let list):
            let recordings = try KeyedLines(list) { line throws(ManifestError) in
                try LhotseObjects(line).object["id"]?.string.map { Array($0.utf8) }
            }
            let lines = try InputLines(path)
            while let line = try lines.nextRow() {
                let supervision = try LhotseObjects(line)
                guard let name = supervision.object["recording_id"]?.string,
                    let recording = try recordings.line(of: Array(name.utf8))
                else {
                    throw line.error("its recording is not in \(list.text)")
                }
                try sink(.described(try supervision.supervision(of: LhotseObjects(recording))))
            }
        }
        return SkippedEntries()
    }
}

extension String {
    /// Where `part` stands first.
    fileprivate func range(of part: String) -> Range<Index>? { firstRange(of: part) }
}
