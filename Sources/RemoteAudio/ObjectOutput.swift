internal import Files
internal import Glibc
internal import SpeechTypes
internal import Threading

/// An output that becomes an object of a store, or objects below a key, once it is whole on this machine.
package struct ObjectOutput: Sendable {
    /// `s3://bucket/key`; with a slash at its end for objects below it.
    package let address: String
    private let upload: ObjectUpload

    /// Folders in a folder that is sent.
    private static let depthMax = 64

    /// Nil for what is no address of a store.
    ///
    /// - Parameter asksForKeys: whether services that lend keys are asked where there are none.
    /// - Throws: for an address that names no object.
    package init?(_ output: String?, asksForKeys: Bool = false) throws(UploadError) {
        guard let output, output.hasPrefix("s3://") else { return nil }
        guard let remote = RemoteAddress(PathBytes(output)), remote.version == nil,
            output.utf8.allSatisfy({ $0 != 0 })
        else {
            throw UploadError("\(output) names no object: an output is s3://BUCKET/KEY")
        }
        address = output
        upload = ObjectUpload(
            store: .ofEnvironment(), renewed: { .ofEnvironment(asksForKeys: asksForKeys) },
            readsFirst: asksForKeys)
    }

    package var isFolder: Bool { address.hasSuffix("/") }

    /// What the key ends with: the name of the file that is written first.
    package var localName: String {
        let parts = address.split(separator: "/")
        let name = String(parts.last ?? "out")
        return parts.count < 3 || name == ".." || name == "." ? "out" : name
    }

    /// Sends a file and those beside it, the file itself last: who finds it finds all.
    ///
    /// - Parameter suffixes: of the names of further files, which need not be there.
    /// - Returns: the addresses that were written.
    @discardableResult
    package func send(
        _ path: String, andWith suffixes: [String] = []
    ) throws(UploadError) -> [String] {
        var files: [(path: String, address: String)] = []
        for suffix in suffixes where access(path + suffix, F_OK) == 0 {
            files.append((path + suffix, address + suffix))
        }
        files.append((path, address))
        return try send(files)
    }

    /// Sends all files below a folder, those that lie in the folder itself last: they are what names the others.
    package func sendFolder(_ path: String) throws(UploadError) {
        var files: [(path: String, address: String)] = []
        let prefix = isFolder ? address : address + "/"
        try list(path, prefix, depth: 0, &files)
        try send(files)
    }

    private func list(
        _ folder: String, _ prefix: String, depth: Int,
        _ files: inout [(path: String, address: String)]
    ) throws(UploadError) {
        guard depth < Self.depthMax else { throw UploadError("\(folder) is nested too deep") }
        let names = try mapError({ UploadError("\($0)") }) { () throws(FileError) in
            try FolderListing.names(in: folder)
        }
        var own: [(path: String, address: String)] = []
        for name in names {
            var status = stat()
            guard lstat("\(folder)/\(name)", &status) == 0 else { continue }
            if status.st_mode & S_IFMT == S_IFDIR {
                try list("\(folder)/\(name)", "\(prefix)\(name)/", depth: depth + 1, &files)
            } else {
                own.append(("\(folder)/\(name)", prefix + name))
            }
        }
        files += own
    }

    @discardableResult
    private func send(_ files: [(path: String, address: String)]) throws(UploadError) -> [String] {
        let total = files.reduce(0) { sum, file in
            sum + ((try? OpenFile(file.path).byteCount) ?? 0)
        }
        WorkMeter.shared.begin("writing \(address)", .bytes, total: total)
        defer { WorkMeter.shared.end() }
        for (path, address) in files {
            try upload.put(path, to: PathBytes(address)) {
                WorkMeter.shared.advance($0, .bytes)
            }
        }
        return files.map(\.address)
    }
}
