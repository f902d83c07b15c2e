internal import Glibc
package import Manifests
package import SpeechTypes

/// The names in a folder.
package enum FolderNames {
    /// In the order of bytes, hidden ones left out.
    ///
    /// - Throws: `ManifestError` if the folder cannot be read.
    package static func sorted(in folder: PathBytes) throws(ManifestError) -> [PathBytes] {
        guard let directory = folder.withCString({ opendir($0) }) else {
            throw .system(.unreadable, folder.text, "open the folder")
        }
        defer { closedir(directory) }
        var names: [PathBytes] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { PathBytes(cString: $0) }
            }
            if name.bytes.first != UInt8(ascii: ".") { names.append(name) }
        }
        return names.sorted()
    }
}
