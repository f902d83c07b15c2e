internal import Foundation
internal import InputForms
internal import JobJournal
internal import JobOutput
internal import Manifests
internal import SpeechTypes
internal import Testing

/// Rows that a journal is said to have.
private struct SaidRows: RecordedRows {
    let rows: [RecordedRow]
    let path = "a journal"

    func recordedRows(from ordinal: Int, _ gaps: RowGaps) throws(JournalError) -> [RecordedRow] {
        Array(rows.dropFirst(ordinal))
    }
}

@Suite("Records that the coordinator renders of rows that an earlier engine made")
struct FormerRecordTests {
    /// What engine 3 keeps under another name and engine 2 leaves out.
    private static let row = #"{"audio_filepath":"none.wav","pred_text":"NEMO"}"#

    /// The output of a job with four rows that failed, of which an earlier engine made the first two.
    ///
    /// The last row was found unusable at planning, and so is of no engine.
    private func output(latestEngine: Int) throws -> [String] {
        let job = try StandIn(rows: [Self.row, Self.row, Self.row, #"{"pred_text":"NEMO"}"#])
        let folder = try JobFolder(forOutput: job.output)
        let rows = try ManifestRows(InputResolver([PathBytes(job.input)]).resolve(), in: folder)
        try rows.adopt()
        let recorded = (0..<4).map { ordinal in
            RecordedRow(
                ordinal: ordinal, status: .rejected,
                code: ordinal < 3 ? .audioNotFound : .manifestMissingField,
                formerEngine: ordinal < 2 ? 2 : nil)
        }
        _ = try OutputExporter.export(
            SaidRows(rows: recorded), rows: rows, to: job.output, engine: latestEngine,
            present: EngineNumber.current)
        return job.outputLines.map { String($0) }
    }

    @Test("each has the form of its engine, and those of no engine that of the job")
    func forms() throws {
        for (latest, isKept) in [
            (EngineNumber.current, [false, false, true, true]), (2, [false, false, true, false]),
        ] {
            let lines = try output(latestEngine: latest)
            #expect(
                lines.map { $0.contains(#""source_pred_text":"NEMO""#) } == isKept,
                "\(lines.joined(separator: "\n"))")
            #expect(lines.allSatisfy { $0.contains(#""status":"rejected""#) })
        }
    }
}
