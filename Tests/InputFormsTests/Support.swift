import AudioFolders
import Foundation
import InputForms
import SpeechTypes

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
