import ArchivedAudio
import AudioFormats
import Foundation
import SpeechTypes

/// Archives that other programs made (`Tests/Fixtures/archives/make.sh`).
enum Fixtures {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Fixtures/archives").path

    static let long =
        (1...10).map { "folder-0\($0 < 10 ? "0" : "")\($0)/" }.joined()
        + String(repeating: "x", count: 60) + ".wav"

    static func path(_ name: String) -> PathBytes { PathBytes("\(folder)/\(name)") }
}

/// The bytes of a member, as a job reads them.
func contents(
    _ kind: ArchiveMember.Kind, _ name: String, in archive: PathBytes, at place: Range<Int>? = nil,
    by shelf: ArchiveShelf = ArchiveShelf()
) throws -> [UInt8] {
    let member = ArchiveMember(kind, PathBytes(name), in: archive, at: place)
    let source = ArchiveFile(try AudioFile(opening: archive))
    let file = try shelf.file(of: member, in: source, progress: EngineProgress())
    return try file.bytes(at: 0, count: file.byteCount + 1)
}

func text(
    _ kind: ArchiveMember.Kind, _ name: String, in archive: PathBytes, at place: Range<Int>? = nil
) throws -> String {
    String(decoding: try contents(kind, name, in: archive, at: place), as: UTF8.self)
}

/// A tar archive with plain headers.
struct TarWriter {
    private(set) var bytes: [UInt8] = []

    mutating func add(_ name: String, _ content: [UInt8], type: Character = "0", size: Int? = nil) {
        var header = [UInt8](repeating: 0, count: 512)
        func put(_ text: String, at offset: Int) {
            header.replaceSubrange(offset..<offset + text.utf8.count, with: text.utf8)
        }
        put(name, at: 0)
        put(String(format: "%011o", size ?? content.count), at: 124)
        put("        ", at: 148)
        put(String(type), at: 156)
        put("ustar\u{0}00", at: 257)
        put(String(format: "%06o", header.reduce(0) { $0 + Int($1) }) + "\0 ", at: 148)
        bytes += header + content
        bytes += [UInt8](repeating: 0, count: (512 - content.count % 512) % 512)
    }

    var whole: [UInt8] { bytes + [UInt8](repeating: 0, count: 1_024) }
}
