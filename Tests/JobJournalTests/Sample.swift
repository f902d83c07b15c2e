internal import Digests
internal import Foundation
internal import JobJournal
internal import JobState
internal import SpeechTypes

/// A small job, and rows that are done.
enum Sample {
    static let identity = JobIdentity(
        manifestDigest: SHA256Hasher.digest(of: [1]), rowCount: 10, options: RecognitionOptions(),
        modelDigest: SHA256Hasher.digest(of: [2]), engineNumber: 1, arithmetic: "auto")

    static let place = ManifestPlace(byteCount: 100, folder: "/rows", path: "/rows/input.jsonl")

    static func open(
        _ path: String, _ identity: JobIdentity = identity,
        continues: (StoredManifest) throws -> Bool = { _ in false }
    ) throws -> Journal {
        try Journal(
            at: path, of: JobDescription(identity, manifest: place), host: "here",
            continues: continues)
    }

    static func rowDigest(_ name: Int) -> ShortDigest {
        SHA256Hasher.digest(of: Array("row \(name)".utf8)).short
    }

    static func transcribed(_ ordinal: Int, _ record: [UInt8]) -> RowOutcome {
        RowOutcome(
            ordinal: ordinal, rowDigest: rowDigest(ordinal), status: .transcribed, record: record,
            recordCRC: CRC32C.checksum(of: record),
            recordDigest: SHA256Hasher.digest(of: record).short,
            audioDigest: SHA256Hasher.digest(of: [UInt8(truncatingIfNeeded: ordinal)]).short,
            audioMilliseconds: 1_500, slot: "a/0", lease: 1)
    }

    static func rejected(_ ordinal: Int, _ code: FailureCode = .audioNotFound) -> RowOutcome {
        RowOutcome(
            ordinal: ordinal, rowDigest: rowDigest(ordinal), status: code.status, code: code,
            slot: "a/1", lease: 1, detail: "it is not there")
    }

    static let facts = JournalEntry.fleetFacts(
        FleetFacts(
            arithmetic: "fp32/avx2", canaryDigest: SHA256Hasher.digest(of: [7]), slot: "a/0",
            engineNumber: 1))
}

/// The only source of chance of a test.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1 }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
