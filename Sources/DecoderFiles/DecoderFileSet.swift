package import CTCDecoding
package import Checkpoints
internal import Digests
internal import Files
internal import LanguageModels
package import SpeechTypes

/// The files that a job takes besides the model, on this machine.
package struct DecoderFileSet: Hashable, Sendable {
    /// Paths as they were named, by what the files are.
    package var paths: [DecoderFileKind: String]

    package init(_ paths: [DecoderFileKind: String] = [:]) { self.paths = paths }

    /// - Parameter paths: by the names that the files have among a job's artefacts; others are left out.
    package init(named paths: [String: String]) {
        self.paths = [:]
        for (name, path) in paths {
            if let kind = DecoderFileKind(rawValue: name) { self.paths[kind] = path }
        }
    }

    /// Paths by the names that the files have among a job's artefacts.
    package var artefactPaths: [String: String] {
        Dictionary(uniqueKeysWithValues: paths.map { ($0.key.rawValue, $0.value) })
    }

    /// The options of a worker that has these files.
    package var arguments: [String] {
        paths.sorted { $0.key.rawValue < $1.key.rawValue }.flatMap { [$0.key.option, $0.value] }
    }

    /// What tells each file from others, by its kind; sorted by the artefacts' names.
    ///
    /// Reads a file the first time, and remembers its digest for as long as it is not changed.
    ///
    /// - Parameter cache: where digests are remembered; nil for nowhere.
    /// - Throws: if a file cannot be read.
    package func artefacts(
        cache: DigestCache? = .standard()
    ) throws(DecoderFileError) -> [ArtefactFile] {
        var artefacts: [ArtefactFile] = []
        for (kind, path) in paths.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            artefacts.append(try Self.artefact(kind.rawValue, at: path, cache: cache))
        }
        return artefacts
    }

    /// A file as a job's artefact.
    static func artefact(
        _ name: String, at path: String, cache: DigestCache?
    ) throws(DecoderFileError) -> ArtefactFile {
        let file: FileBytes
        do throws(CheckpointError) {
            file = try FileBytes(mapping: path)
        } catch {
            throw DecoderFileError(path, error.message)
        }
        let key = cache == nil ? nil : DigestCache.key(of: [file], rules: "scriptorium file 1")
        var digest = key.flatMap { cache?.digest($0) }
        if digest == nil {
            do throws(FileError) {
                digest = try FileDigest.sha256(of: path)
            } catch {
                throw DecoderFileError(path, error.sentence)
            }
            if let digest, let key { cache?.store(digest, under: key) }
        }
        guard let digest else { throw DecoderFileError(path, "it was there and is gone") }
        let folder = path.lastIndex(of: "/")
        return ArtefactFile(
            name: name, digest: digest,
            fileName: String(folder.map { path[path.index(after: $0)...] } ?? path[...]),
            byteCount: file.count)
    }

    /// Reads all that decoders take; a language model in one of KenLM's binary forms is mapped, not read.
    ///
    /// - Throws: what a file is refused for.
    package func load() throws -> DecoderArtefacts { try load(isForCheck: false) }

    /// - Parameter isForCheck: a language model that would take long to read is left to who decodes.
    func load(isForCheck: Bool) throws -> DecoderArtefacts {
        var artefacts = DecoderArtefacts()
        if let path = paths[.languageModel], try !isForCheck || Self.isReadQuickly(path) {
            artefacts.languageModel = try LanguageModel(at: PathBytes(path))
        }
        artefacts.unigrams = try paths[.unigrams].map { path in try WordList.read(path) }
        artefacts.lexicon = try paths[.lexicon].map { path in try Self.lexicon(path) }
        artefacts.hotwords = try paths[.hotwords].map { path in try HotwordList.read(path) } ?? []
        return artefacts
    }

    private static func lexicon(_ path: String) throws -> Lexicon {
        let bytes = try OpenFile(path).contents(bytesMax: lexiconBytesMax)
        guard let bytes else {
            throw DecoderFileError(path, "a lexicon has \(lexiconBytesMax) bytes at most")
        }
        return try Lexicon(bytes, name: path)
    }

    private static let lexiconBytesMax = 1 << 30

    /// Binary models are mapped, and others are read in moments up to this many bytes.
    private static let quickBytesMax = 32 << 20

    private static func isReadQuickly(_ path: String) throws -> Bool {
        let file = try OpenFile(path)
        if let count = file.byteCount, count <= quickBytesMax { return true }
        return try file.bytes(at: 0, count: 8).starts(with: Array("mmap lm ".utf8))
    }
}
