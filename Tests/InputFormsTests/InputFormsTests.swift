import Foundation
import InputForms
import Manifests
import SpeechTypes
import TemporaryFolders
import Testing

@Suite("Forms of input") struct InputFormsTests {
    @Test(
        "the page about manifests has a line for every form, in the order in which they are tried")
    func documented() throws {
        let page = try String(
            contentsOf: URL(filePath: #filePath)
                .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
                .appending(path: "manifests/README.md"), encoding: .utf8)
        let lines = page.split(separator: "\n")
        let start = try #require(lines.firstIndex { $0 == "| input | recognised by | rows |" })
        let table = lines[(start + 2)...].prefix { $0.hasPrefix("|") }.map { line in
            String(line.replacing("|  |", with: "| |"))
        }
        #expect(table == InputForms.pages.map { $0.tableRow.replacing("|  |", with: "| |") })
    }

    @Test("the help of a command names every form")
    func help() {
        for page in InputForms.pages { #expect(InputForms.help.contains(page.help)) }
        #expect(InputForms.help.contains("a folder, "))
    }

    @Test("a line of a list beyond the limit is refused with its number, references as well")
    func limits() throws {
        let folder = try TemporaryFolder()
        let long = String(repeating: "x", count: ManifestLimits.lineBytesMax + 1)
        let list = try folder.write("t.tsv", "/r\n\(long)\t1\n")
        let other = try folder.write("u.tsv", "/r\na.wav\t1\n")
        try folder.write("u.wrd", long + "\n")
        for (path, line) in [(list, 2), (other, 1)] {
            let rows = try resolvedRows([PathBytes(path)]).rows
            let error = #expect(throws: ManifestError.self) { try rows.forEachRow { _ in } }
            #expect(error?.line == line && error?.message == "too long")
        }
    }
}
