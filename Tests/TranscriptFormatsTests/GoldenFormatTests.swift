import Foundation
import Testing
import TranscriptFormats

/// The files of every format, as they were when the programs that they are for read them.
struct GoldenFormatTests {
    private static let names = TranscriptFormats.all.map(\.name).filter { $0 != "webdataset" }

    @Test(arguments: names)
    func theFilesOfAFormatAreThoseThatItsReadersAccepted(name: String) throws {
        let records = try String(
            contentsOfFile: "\(FileTree.fixtures)/records.jsonl", encoding: .utf8)
        var (files, summary) = try exported(records, as: name)
        files = files.filter { !$0.key.hasSuffix(".wav") }
        if let list = files["train.tsv"] {
            // The root is where the test's folder happens to be.
            files["train.tsv"] = "FOLDER\n" + list.drop { $0 != "\n" }.dropFirst()
        }
        let golden = try FileTree.files(below: "\(FileTree.fixtures)/golden/\(name)")
        #expect(files.keys.sorted() == golden.keys.sorted())
        for (file, text) in golden { #expect(files[file] == text, "\(name): \(file)") }
        #expect(summary.rows == 6)
        #expect(summary.rowsWithoutTranscript == 1)
    }

    @Test func namesOfFormatsAreUnique() {
        #expect(Set(TranscriptFormats.all.map(\.name)).count == TranscriptFormats.all.count)
    }

    /// The table of fields in the documentation is the one that the program follows.
    @Test func theTableOfFieldsIsDocumented() throws {
        let text = try String(
            contentsOfFile: "\(FileTree.repository)/manifests/README.md", encoding: .utf8)
        let lines = Set(text.split(separator: "\n").map(String.init))
        let fields = TranscriptField.allCases
        let head = "| format | files | " + fields.map(\.rawValue).joined(separator: " | ") + " |"
        #expect(lines.contains(head), "\(head)")
        for format in TranscriptFormats.all {
            let cells = fields.map { format.fields.contains($0) ? "yes" : "" }
            let line =
                "| `\(format.name)` | \(format.layout.rawValue) | "
                + cells.joined(separator: " | ") + " |"
            #expect(lines.contains(line), "\(line)")
        }
    }
}
