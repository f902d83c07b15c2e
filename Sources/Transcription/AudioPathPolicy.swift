internal import Glibc

/// Which file a row's `audio_filepath` means on this machine, and whether it may be opened.
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
    }

    /// Relative paths are below this folder: the manifest's own.
    package var baseFolder: String
    package var mappings: [Mapping]
    /// If not empty, only files below one of these folders are opened, after resolving links.
    package var audioRoots: [String]

    package init(baseFolder: String, mappings: [Mapping] = [], audioRoots: [String] = []) {
        self.baseFolder = baseFolder
        self.mappings = mappings
        self.audioRoots = audioRoots
    }

    /// The path to open: joined to the base folder, then renamed by the first mapping that fits.
    package func localPath(of path: String) -> String {
        let joined = path.hasPrefix("/") ? path : "\(baseFolder)/\(path)"
        for mapping in mappings {
            let from = mapping.from.hasSuffix("/") ? String(mapping.from.dropLast()) : mapping.from
            let to = mapping.to.hasSuffix("/") ? String(mapping.to.dropLast()) : mapping.to
            if joined == from { return to }
            if joined.hasPrefix(from + "/") { return to + joined.dropFirst(from.count) }
        }
        return joined
    }

    /// Whether the file at `localPath` may be opened.
    ///
    /// A file that does not exist is allowed here, so that opening it can say so.
    package func allows(_ localPath: String) -> Bool {
        if audioRoots.isEmpty { return true }
        guard let resolved = Self.resolved(localPath) else { return true }
        return audioRoots.contains { root in
            guard let folder = Self.resolved(root) else { return false }
            return resolved == folder || resolved.hasPrefix(folder == "/" ? "/" : folder + "/")
        }
    }

    private static func resolved(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}
