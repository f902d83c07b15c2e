package import Digests
internal import Files
internal import Glibc
package import JobState
package import Manifests
package import SpeechTypes
package import StrictJSON

/// What `OUT.jsonl.report.json` says of a finished output.
package struct ReportFile: Sendable {
    package let path: String
    /// With the arithmetic class that was resolved.
    package let identity: JobIdentity
    /// The job's name, as the report states it.
    package let jobID: ContentDigest
    /// The rows that were transcribed, and where their relative paths start.
    package let manifest: String
    package let folder: String
    /// The model as it was named, and its labels.
    package let model: String
    package let labels: String?
    /// As it was asked for, of a model that has several.
    package let language: String?
    /// The files of the artefacts beside the acoustic model, by their names.
    package let artefactPaths: [String: String]
    package let rows: Int
    package let counts: [RowStatus: Int]
    package let outputDigest: ContentDigest
    package let digestsDigest: ContentDigest?
    /// Of the file of features, where the job has one.
    package let featuresDigest: ContentDigest?
    /// How many rows each engine made, where there was more than one.
    package let engines: [Int: Int]
    /// All that it says.
    package let object: JSONObject

    private static let bytesMax = 64 << 20

    package static func path(ofOutput output: String) -> String { output + ".report.json" }

    /// Reads the report at `path`; nil if there is none.
    package static func read(_ path: String) throws(ManifestError) -> ReportFile? {
        guard access(path, F_OK) == 0 else { return nil }
        guard let bytes = try bytes(of: path),
            let object = try? JSONParser.parse(bytes, bytesMax: bytesMax).object,
            let report = ReportFile(path, object)
        else {
            throw ManifestError(
                .invalid, path,
                "not the report of a finished job; run the job's command again to have it written")
        }
        return report
    }

    private init?(_ path: String, _ object: JSONObject) {
        guard let job = object["job"]?.object, let output = object["output"]?.object,
            let manifestDigest = Self.digest(job["manifest_sha256"]),
            let modelDigest = Self.digest(job["model_sha256"]), let jobID = Self.digest(job["id"]),
            let engine = job["engine"]?.int, let version = job["protocol"]?.int,
            let arithmetic = job["arithmetic"]?.string,
            let manifest = job["manifest"]?.string, let folder = job["folder"]?.string,
            let model = job["model"]?.string, let members = job["options"]?.object?.members,
            let outputDigest = Self.digest(output["sha256"]), let rows = object["rows"]?.int
        else { return nil }
        let fields = members.compactMap { member in
            member.value.string.map { (name: member.key, value: $0) }
        }
        guard fields.count == members.count, let options = RecognitionOptions(fields: fields)
        else { return nil }
        guard (0...ManifestLimits.rowsMax).contains(rows) else { return nil }
        var counts: [RowStatus: Int] = [:]
        for status in RowStatus.allCases {
            guard let count = object[status.rawValue]?.int, (0...rows).contains(count) else {
                return nil
            }
            counts[status] = count
        }
        var engines: [Int: Int] = [:]
        for entry in object["engines"]?.array ?? [] {
            guard let number = entry.object?["engine"]?.int, let count = entry.object?["rows"]?.int,
                (1...RowDigests.engineMax).contains(number), (0...rows).contains(count)
            else { return nil }
            engines[number] = count
        }
        var artefacts: [String: ContentDigest] = [:]
        for member in job["artefacts"]?.object?.members ?? [] {
            guard let digest = Self.digest(member.value) else { return nil }
            artefacts[member.key] = digest
        }
        var files: [String: String] = [:]
        for member in job["artefact_files"]?.object?.members ?? [] {
            guard let file = member.value.string else { return nil }
            files[member.key] = file
        }
        artefactPaths = files
        var part: JobPart?
        if let text = job["part"]?.string {
            part = JobPart(text)
            guard part != nil else { return nil }
        }
        self.engines = engines
        self.path = path
        self.object = object
        self.jobID = jobID
        self.manifest = manifest
        self.folder = folder
        self.model = model
        labels = job["labels"]?.string
        language = job["language"]?.string
        self.rows = rows
        self.counts = counts
        self.outputDigest = outputDigest
        digestsDigest = Self.digest(output["digests_sha256"])
        featuresDigest = Self.digest(output["features_sha256"])
        identity = JobIdentity(
            protocolMajor: version, manifestDigest: manifestDigest, rowCount: rows,
            part: part, options: options, modelDigest: modelDigest,
            furtherArtefacts: artefacts, engineNumber: engine, arithmetic: arithmetic)
    }

    private static func digest(_ value: JSONValue?) -> ContentDigest? {
        value?.string.flatMap { ContentDigest(hex: $0) }
    }

    /// The file's bytes; nil if there are too many.
    private static func bytes(of path: String) throws(ManifestError) -> [UInt8]? {
        try mapError(ManifestError.input) { () throws(FileError) in
            try OpenFile(path).contents(bytesMax: bytesMax)
        }
    }
}
