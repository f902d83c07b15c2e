/// The files of a model under their names in its folder.
package protocol CheckpointFolder: Sendable {
    /// The folder's path, for messages.
    var path: String { get }

    /// The file `name`; nil if there is none.
    func file(_ name: String) throws(CheckpointError) -> FileBytes?
}

/// A folder on disk.
package struct DiskFolder: CheckpointFolder {
    package let path: String

    package init(_ path: String) { self.path = path }

    package func file(_ name: String) throws(CheckpointError) -> FileBytes? {
        let full = path.hasSuffix("/") ? path + name : "\(path)/\(name)"
        return FileKind.of(full) == .missing ? nil : try FileBytes(mapping: full)
    }
}
