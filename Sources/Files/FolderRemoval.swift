internal import Glibc
internal import SpeechTypes

/// How a folder that a process has made is taken away again.
package enum FolderRemoval {
    /// Removes a folder with what is in it, links for themselves; what cannot be removed stays.
    package static func remove(_ path: String) {
        if let folder = opendir(path) {
            while let entry = readdir(folder) {
                let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                    PathBytes(bytes: bytes.prefix { $0 != 0 })
                }
                if name == "." || name == ".." { continue }
                let child = PathBytes(path).joined(name)
                if child.withCString(unlink) != 0 { remove(child.text) }
            }
            closedir(folder)
        }
        rmdir(path)
    }
}
