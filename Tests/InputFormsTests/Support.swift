import Foundation
import InputForms
import SpeechTypes

/// A folder that is gone when the test is.
final class TemporaryFolder {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory
            .appending(path: "input-tests-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Writes a file, with the folders above it, and returns its path.
    @discardableResult
    func write(_ name: String, _ text: String = "") throws -> String {
        try write(name, Array(text.utf8))
    }

    @discardableResult
    func write(_ name: String, _ bytes: [UInt8]) throws -> String {
        let url = URL(filePath: "\(path)/\(name)")
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: url)
        return url.path
    }
}

/// The rows that inputs come to.
///
/// - Throws: `ManifestError` as the resolver does, ``NotRows`` for one manifest that is used where it lies.
func resolvedRows(
    _ inputs: [PathBytes], excluding: [String] = [], folders: FolderOptions = FolderOptions()
) throws -> (rows: InputRows, folder: String) {
    let resolver = InputResolver(inputs, excluding: excluding, folders: folders)
    guard case .rows(let rows, let folder) = try resolver.resolve() else { throw NotRows() }
    return (rows, folder)
}

/// A manifest where rows were expected.
struct NotRows: Error {}
