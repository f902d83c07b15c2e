internal import ClusterRuntime
internal import Coordination
internal import Digests
internal import Glibc
internal import Manifests
internal import SpeechTypes

/// The rows of a job, out of the mapped index and the manifest itself.
///
/// A manifest that cannot be read any more while the job runs ends the process at once: what is
/// recorded is durable, and running again goes on from there.
struct JobManifest: JobRows {
    let manifest: IndexedManifest

    var rowCount: Int { manifest.rowCount }

    func ordinal(atRank rank: Int) -> Int { manifest.index.ordinal(atRank: rank) }

    func audioMilliseconds(of ordinal: Int) -> Int { manifest.index.milliseconds(of: ordinal) }

    func rawBytes(of ordinal: Int) -> Int {
        let end =
            ordinal + 1 < rowCount
            ? manifest.index.offset(of: ordinal + 1) : manifest.index.manifestByteCount
        return end - manifest.index.offset(of: ordinal)
    }

    func rowDigest(of ordinal: Int) -> ShortDigest {
        readable { () throws(ManifestError) in try manifest.rowDigest(of: ordinal) }
    }

    func raw(of ordinal: Int) -> [UInt8] {
        readable { () throws(ManifestError) in try manifest.raw(of: ordinal) }
    }

    func rejections(from ordinal: Int, max: Int) -> (rows: [PlanningRejection], next: Int?) {
        let (rows, next) = readable { () throws(ManifestError) in
            try manifest.unusableRows(from: ordinal, max: max)
        }
        return (rows.map { PlanningRejection(ordinal: $0.ordinal, code: $0.error.code) }, next)
    }

    func record(of ordinal: Int, failedWith code: FailureCode) -> [UInt8] {
        readable { () throws(ManifestError) in
            try manifest.record(of: ordinal, failedWith: code)
        }
    }

    private func readable<Value>(_ body: () throws(ManifestError) -> Value) -> Value {
        do throws(ManifestError) {
            return try body()
        } catch {
            StandardError.write("scriptorium: \(error)\n")
            _exit(ExitStatus.storage)
        }
    }
}
