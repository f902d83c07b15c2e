package import ArchivedAudio
package import AudioFormats
package import AudioInput
internal import Glibc
internal import Manifests
package import RemoteAudio
package import SpeechTypes

/// Which file a row's `audio_filepath` means on this machine, and whether it may be read.
package struct AudioPathPolicy: Hashable, Sendable {
    /// A path prefix on the manifest's machine and what it is called here.
    package struct Mapping: Hashable, Sendable {
        package var from: String
        package var to: String

        package init(from: String, to: String) {
            self.from = from
            self.to = to
        }

        /// Reads `FROM=TO`; nil without an `=` or with an empty side.
        package init?(_ text: String) {
            let sides = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard sides.count == 2, !sides[0].isEmpty, !sides[1].isEmpty else { return nil }
            self.init(from: String(sides[0]), to: String(sides[1]))
        }

        /// `path` under its name here; nil if it does not begin with ``from``.
        fileprivate func renamed(_ path: PathBytes) -> PathBytes? {
            let from = Self.withoutLastSlash(from)
            guard path.isWithin(from) else { return nil }
            return PathBytes(
                bytes: Self.withoutLastSlash(to).bytes + path.bytes.dropFirst(from.bytes.count))
        }

        private static func withoutLastSlash(_ text: String) -> PathBytes {
            let bytes = PathBytes(text).bytes
            return PathBytes(bytes: bytes.last == UInt8(ascii: "/") ? bytes.dropLast() : bytes[...])
        }
    }

    /// Relative paths are below this folder: the manifest's own.
    package var baseFolder: String
    package var mappings: [Mapping]
    /// If not empty, only files that lie below one of these folders are read, all links resolved.
    package var audioRoots: [String]
    /// Runs commands that stand in the place of a path; nil where they are not run.
    package var commands: CommandRunner?
    /// Fetches what addresses name; nil where nothing is fetched.
    package var sources: RemoteSources?
    /// Takes members out of archives; nil where none is.
    package var archives: ArchiveShelf?

    package init(
        baseFolder: String, mappings: [Mapping] = [], audioRoots: [String] = [],
        commands: CommandRunner? = nil, sources: RemoteSources? = nil,
        archives: ArchiveShelf? = nil
    ) {
        self.archives = archives
        self.sources = sources
        self.baseFolder = baseFolder
        self.mappings = mappings
        self.audioRoots = audioRoots
        self.commands = commands
    }

    /// The path to open: joined to the base folder, then renamed by the first mapping that fits.
    ///
    /// An address (`s3://bucket/a.wav`) is renamed too, and otherwise left as it is; of a member of an archive that is
    /// done with the archive.
    package func localPath(of path: PathBytes) -> PathBytes {
        if var member = ArchiveMember(path) {
            let archive = AudioLocation.file(ofAddress: member.archive) ?? member.archive
            member.archive = localPath(of: archive)
            return member.path
        }
        let isAddress = AudioLocation.scheme(of: path) != nil
        let joined = isAddress ? path : PathBytes(baseFolder).joined(path)
        for mapping in mappings {
            if let renamed = mapping.renamed(joined) { return renamed }
        }
        return joined
    }

    /// Opens the recording of a row: a file, a member of an archive, what a command writes where commands are run, or
    /// what an address names where it may be fetched.
    ///
    /// - Parameter progress: is told of every step.
    /// - Throws: as ``open(_:progress:)``, and what became of the command or the request.
    package func openRecording(
        _ path: PathBytes, progress: EngineProgress? = nil
    ) throws(AudioError) -> AudioFile {
        if let archives, let member = ArchiveMember(localPath(of: path)) {
            return try archives.file(
                of: member, in: try archive(at: member.archive, progress), progress: progress)
        }
        if let sources {
            let address = localPath(of: path)
            // Other schemes are refused as they are anywhere.
            if RemoteAddress(address) != nil {
                return try sources.file(of: address, progress: progress)
            }
        }
        guard let commands, AudioLocation.isCommand(path), path.isText,
            FilePath.status(localPath(of: path)) == nil
        else { return try open(path, progress: progress) }
        return try commands.file(
            of: AudioLocation.program(ofCommand: path),
            in: localPath(of: PathBytes(baseFolder)).text, progress: progress)
    }

    /// An archive of this machine, or of where things may be fetched.
    ///
    /// - Parameter local: as it is called here.
    package func archive(
        at local: PathBytes, _ progress: EngineProgress?
    ) throws(AudioError) -> any ArchiveSource {
        if let sources, RemoteAddress(local) != nil {
            return try sources.archive(at: local, progress: progress)
        }
        return ArchiveFile(try open(local: local, progress: progress))
    }

    /// Opens the file that a row means, if it may be read.
    ///
    /// The file is opened first and judged by what was opened: a path that is judged before can lead
    /// elsewhere a moment later.
    ///
    /// - Parameter progress: is told of every read of the file.
    /// - Throws: `audio.unsupported_location` for an address that no mapping makes a path,
    ///   `audio.forbidden_path` for a file outside the roots, or why it cannot be opened.
    package func open(
        _ path: PathBytes, progress: EngineProgress? = nil
    ) throws(AudioError) -> AudioFile {
        let local = localPath(of: path)
        if AudioLocation.scheme(of: local) == nil, AudioLocation.isCommand(path),
            FilePath.status(local) == nil
        {
            throw AudioError(
                .audioUnsupportedLocation, path.text,
                "it is a command, and commands of lists are run only with --allow-commands; run it once "
                    + "and name what it writes: \(AudioLocation.program(ofCommand: path)) > FILE.wav"
            )
        }
        return try open(local: local, progress: progress)
    }

    /// - Parameter local: the path on this machine.
    private func open(
        local: PathBytes, progress: EngineProgress?
    ) throws(AudioError) -> AudioFile {
        if let scheme = AudioLocation.scheme(of: local) {
            throw AudioError(
                .audioUnsupportedLocation, local.text,
                "\(local.text) is an address (\(scheme)), not a path: allow that it is fetched with "
                    + "--allow-source, or mount its store and name the mount with --path-map")
        }
        guard !audioRoots.isEmpty else { return try AudioFile(opening: local, progress: progress) }
        let roots = audioRoots.map { PathBytes($0) }
        let realRoots = roots.compactMap(\.resolved)
        let file: AudioFile
        do throws(AudioError) {
            file = try AudioFile(opening: local, progress: progress)
        } catch {
            // Whether there is a file outside is not for the manifest's author to learn.
            let isInside = (roots + realRoots).contains { local.isWithin($0) }
            guard isInside, !local.hasParentSteps else { throw Self.forbidden(local) }
            throw error
        }
        guard let real = file.resolvedPath, realRoots.contains(where: { real.isWithin($0) })
        else { throw Self.forbidden(local) }
        return file
    }

    private static func forbidden(_ path: PathBytes) -> AudioError {
        AudioError(.audioForbiddenPath, path.text, "\(path.text) is outside the audio roots")
    }
}

extension PathBytes {
    /// Whether `..` is a part of the path.
    fileprivate var hasParentSteps: Bool {
        bytes.split(separator: UInt8(ascii: "/")).contains { $0.elementsEqual("..".utf8) }
    }
}
