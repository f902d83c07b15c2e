/// Where a job's records go.
package enum RecordDestination: Sendable {
    /// A file, complete or absent, with its report beside it.
    case file(String)
    /// Called with records and their line ends, in input order, as soon as all rows before
    /// them are recorded; on a thread of its own, which it may block. Throwing ends the job.
    /// Also called without bytes now and then, to learn whether anybody still reads.
    case stream(@Sendable ([UInt8]) throws -> Void)
}
