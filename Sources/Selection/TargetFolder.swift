internal import Calibration
internal import Files
internal import Glibc
internal import SystemErrors
internal import Threading

/// A folder that is complete or absent: filled aside, then renamed.
final class TargetFolder {
    private let folder: String
    private let partFolder: String
    private var names: [String] = []
    private var cleanup: ExitCleanup?

    /// - Throws: if the folder is there and has something in it, or cannot be made.
    init(_ folder: String) throws {
        var folder = folder
        while folder.utf8.count > 1, folder.hasSuffix("/") { folder.removeLast() }
        self.folder = folder
        partFolder = folder + ".part"
        if access(folder, F_OK) == 0, rmdir(folder) != 0 {
            throw CalibrationError(
                "\(folder) is there already; name a folder that is not there, or an empty one")
        }
        Self.clear(partFolder)
        guard mkdir(partFolder, 0o777) == 0 else { throw FileError(partFolder, "make it") }
        let left = partFolder
        cleanup = ExitCleanup { Self.clear(left) }
    }

    func path(_ name: String) -> String { "\(partFolder)/\(name)" }

    func write(_ bytes: [UInt8], to name: String) throws(FileError) {
        try AtomicFile.write(bytes, to: path(name))
    }

    func commit() throws(FileError) {
        guard rename(partFolder, folder) == 0 else { throw FileError(folder, "write it") }
        cleanup = nil
    }

    deinit {
        if cleanup != nil { Self.clear(partFolder) }
    }

    /// Removes a folder of files that a run before left unfinished.
    private static func clear(_ folder: String) {
        guard let directory = opendir(folder) else { return }
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { name in
                name.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { unlink("\(folder)/\(name)") }
        }
        closedir(directory)
        rmdir(folder)
    }
}
