internal import ClusterRuntime
internal import Files
internal import JobOutput
internal import Manifests
internal import StrictJSON

/// How much audio each row of an output has, by the best that is known.
///
/// A record keeps the duration that its row stated, which may be of another recording or none at all
/// (NeMo's tools write 100000 where they do not know it).
struct AudioLengths {
    /// What was decoded, by the journal of the job that wrote this very file.
    private let decoded: [Int]?

    /// - Throws: if the output cannot be read; a journal that cannot be is none.
    init(ofOutput output: String) throws {
        guard let job = try? RecordedJob.read(ofOutput: output),
            try FileDigest.sha256(of: output) == job.outputDigest
        else {
            decoded = nil
            return
        }
        decoded = job.audioMilliseconds
    }

    /// Seconds of audio of a row; nil where nobody knows.
    func seconds(of ordinal: Int, _ row: JSONObject) -> Double? {
        if let decoded, decoded.indices.contains(ordinal), decoded[ordinal] > 0 {
            return Double(decoded[ordinal]) / 1_000
        }
        let seconds = row["audio_warning"]?.object?["decoded"] ?? row["duration"]
        return seconds?.double.flatMap {
            (0...ManifestLimits.plannedSecondsMax).contains($0) ? $0 : nil
        }
    }
}
