internal import Glibc
internal import SystemErrors

/// What a folder holds.
package enum FolderListing {
    /// Names of files, folders and links that are not hidden, sorted by their bytes.
    ///
    /// - Parameters:
    ///   - countMax: more are an error.
    ///   - isWanted: others are left out, and not counted.
    /// - Throws: if the folder cannot be read, or has more.
    package static func names(
        in folder: String, countMax: Int = 1_000_000,
        where isWanted: (String) -> Bool = { _ in true }
    ) throws(FileError) -> [String] {
        guard let stream = opendir(folder) else { throw FileError(folder, "read the folder") }
        defer { closedir(stream) }
        var names: [String] = []
        errno = 0
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name.hasPrefix(".") || !isWanted(name) { continue }
            guard names.count < countMax else {
                throw FileError(folder, "read so many names of the folder", SystemError(E2BIG))
            }
            names.append(name)
            errno = 0
        }
        guard errno == 0 else { throw FileError(folder, "read the folder") }
        return names.sorted()
    }
}
