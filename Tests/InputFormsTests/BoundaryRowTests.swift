import InputForms
import Manifests
import SpeechBoundaries
import SpeechTypes
import TemporaryFolders
import Testing

/// Rows of any input with what a file says of where somebody speaks.
struct BoundaryRowTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func rows(
        of inputs: [String], _ boundaries: String
    ) throws -> (rows: [String], folder: String, without: Int) {
        let file = try BoundaryFile(PathBytes(folder.write("marks", boundaries)))
        let resolved = try InputResolver(
            inputs.map { PathBytes($0) }, boundaries: file
        ).resolve()
        guard case .rows(let rows, let start) = resolved else { throw NotRows() }
        var lines: [String] = []
        let without = try rows.forEachRow {
            lines.append(String(decoding: $0, as: UTF8.self))
        }.rowsWithoutBoundaries
        return (lines, start, without)
    }

    @Test func aManifestKeepsItsRelativePathsAndItsFolder() throws {
        let manifest = try folder.write(
            "in/rows.jsonl", "{\"audio_filepath\":\"a.wav\"}\n\n{\"audio_filepath\":\"b.wav\"}\n")
        let found = try rows(of: [manifest], "u1 a 1 2\n")
        #expect(
            found.rows == [
                #"{"audio_filepath":"a.wav","speech_segments":[{"start":1.0,"end":2.0}]}"#,
                #"{"audio_filepath":"b.wav"}"#,
            ])
        #expect(found.folder == folder.file("in"))
        #expect(found.without == 1)
    }

    @Test func aFolderOfRecordingsHasThemToo() throws {
        try folder.write("talks/a b.wav", "RIFF")
        let found = try rows(of: [folder.file("talks")], "SPEAKER a_b 1 0 1 <NA> <NA> x <NA>\n")
        #expect(found.rows.count == 1)
        #expect(
            found.rows[0].hasSuffix(#","speech_segments":[{"start":0.0,"end":1.0,"speaker":"x"}]}"#)
        )
    }

    @Test func aRecordingThatIsNowhereIsAnErrorWhenTheRowsAreRead() throws {
        let manifest = try folder.write("rows.jsonl", "{\"audio_filepath\":\"a.wav\"}\n")
        let error = #expect(throws: ManifestError.self) {
            try rows(of: [manifest], "u1 a 1 2\nu2 b 1 2\n")
        }
        #expect(error?.line == 2)
    }
}
