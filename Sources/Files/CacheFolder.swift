internal import Glibc
internal import SpeechTypes
internal import SystemErrors

/// A folder of ours below the user's cache, whose files only save time.
///
/// What cannot be read or written costs that time, and is never an error.
package struct CacheFolder: Sendable {
    package let path: String

    package init(_ path: String) { self.path = path }

    /// `${XDG_CACHE_HOME:-~/.cache}/scriptorium/NAME`; nil without a home.
    package static func standard(_ name: String) -> CacheFolder? {
        if let cache = environment("XDG_CACHE_HOME"), cache.hasPrefix("/") {
            return CacheFolder("\(cache)/scriptorium/\(name)")
        }
        return environment("HOME").map { CacheFolder("\($0)/.cache/scriptorium/\(name)") }
    }

    /// What a file holds; nil where it is not there, or has more bytes than that.
    package func contents(of name: String, bytesMax: Int) -> [UInt8]? {
        guard let file = try? OpenFile("\(path)/\(name)") else { return nil }
        return try? file.contents(bytesMax: bytesMax)
    }

    /// Writes a file, whole or not at all.
    ///
    /// - Returns: whether it is there now.
    @discardableResult
    package func store(_ bytes: [UInt8], as name: String) -> Bool {
        guard (try? prepare()) != nil else { return false }
        let file = try? AtomicFile(
            "\(path)/\(name)", writtenTo: "\(path)/.\(name).\(getpid())", permissions: 0o644,
            isDurable: false)
        guard let file, (try? file.write(bytes)) != nil else { return false }
        return (try? file.commit()) != nil
    }

    /// Takes away those of the files that were written longest ago.
    ///
    /// - Parameter countMax: so many stay.
    package func keepNewest(_ countMax: Int) {
        guard let names = try? FolderListing.names(in: path), names.count > countMax else { return }
        let dated = names.map { name in
            var status = stat()
            let isThere = stat("\(path)/\(name)", &status) == 0
            return (seconds: isThere ? status.st_mtim.tv_sec : 0, name: name)
        }
        for old in dated.sorted(by: { $0 < $1 }).dropLast(countMax) {
            unlink("\(path)/\(old.name)")
        }
    }

    /// Makes the folder where it is not there.
    ///
    /// - Throws: if it is not there then.
    package func prepare() throws(FileError) {
        var made = ""
        for part in path.split(separator: "/") {
            made += "/\(part)"
            guard mkdir(made, 0o755) == 0 || errno == EEXIST || errno == EROFS || errno == EACCES
            else { throw FileError(made, "make the folder") }
        }
        let refusal = FileError(path, "make the folder")
        var status = stat()
        guard stat(path, &status) == 0 else { throw refusal }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            throw FileError(path, "make the folder", SystemError(ENOTDIR))
        }
    }

    private static func environment(_ name: String) -> String? {
        guard let value = getenv(name) else { return nil }
        let text = String(cString: value)
        return text.isEmpty ? nil : text
    }
}
