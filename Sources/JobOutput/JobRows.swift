package import Coordination
package import Digests
package import JobState
package import Processes
package import SpeechTypes

/// The rows of a job: what the coordinator plans with, the bytes that it hands out, and the records
/// that it renders itself.
package protocol JobRows: RowPlan {
    /// Where the rows are.
    var place: ManifestPlace { get }

    /// Whether the rows begin with those that a journal was made for, unchanged.
    func begin(with before: StoredManifest) throws(RuntimeError) -> Bool

    /// Whether the row's audio is found from the rows' folder.
    func hasRelativePath(_ ordinal: Int) throws(RuntimeError) -> Bool

    /// The journal is of these rows now: what was written for them aside takes its place.
    func adopt() throws(RuntimeError)

    /// The row's bytes without the line end, and the digest that names it.
    func named(_ ordinal: Int) throws(RuntimeError) -> (raw: [UInt8], digest: ShortDigest)

    /// The rows whose line is unusable, among the next `max` rows from `ordinal` on.
    ///
    /// - Returns: the rows, and where to go on; nil for where when all rows were looked at.
    func rejections(
        from ordinal: Int, max: Int
    ) throws(RuntimeError) -> (rows: [PlanningRejection], next: Int?)

    /// The output record of a row without a transcript: one JSON object without a line end.
    ///
    /// - Parameter formerEngine: the one that the row is of, where that is an earlier one than the present.
    func record(
        of ordinal: Int, failedWith code: FailureCode, formerEngine: Int?
    ) throws(RuntimeError) -> [UInt8]

    /// How many rows have a field that records keep under another name, by that field's name.
    ///
    /// - Parameter channels: with a transcript for each channel, records need a further name.
    /// - Throws: `RuntimeError` if the rows cannot be read.
    func sourceFieldCounts(
        options: RecognitionOptions
    ) throws(RuntimeError) -> [(name: String, rows: Int)]
}
