internal import Digests
package import JobState
internal import SpeechTypes
package import StrictJSON

/// What a report says of the job it is of: written here, and read back by ``ReportFile``.
package struct ReportedJob: Sendable {
    /// With the arithmetic class that was resolved.
    private let identity: JobIdentity
    private let manifest: String
    private let folder: String
    private let model: String
    private let labels: String?
    private let language: String?
    private let artefactPaths: [String: String]

    /// - Parameters:
    ///   - manifest: the file with the rows, and in `folder` where their relative paths start.
    ///   - model: as it was named, with its labels where it has none of its own.
    ///   - language: as it was asked for, of a model that has several.
    ///   - artefactPaths: files of the artefacts beside the acoustic model, by their names.
    package init(
        _ identity: JobIdentity, manifest: String, folder: String, model: String, labels: String?,
        language: String? = nil,
        artefactPaths: [String: String] = [:]
    ) {
        self.artefactPaths = artefactPaths
        self.identity = identity
        self.manifest = manifest
        self.folder = folder
        self.model = model
        self.labels = labels
        self.language = language
    }

    /// Writes the report's member `job`.
    package func write(to json: inout JSONWriter) {
        json.key("job")
        json.beginObject()
        json.member("id", identity.jobID().hex)
        json.member("manifest", manifest)
        json.member("folder", folder)
        json.member("model", model)
        if let labels { json.member("labels", labels) }
        if let language { json.member("language", language) }
        json.member("protocol", identity.protocolMajor)
        if let part = identity.part { json.member("part", part.text) }
        json.member("manifest_sha256", identity.manifestDigest.hex)
        json.member("model_sha256", identity.modelDigest.hex)
        if !identity.recipe.artefacts.further.isEmpty {
            json.key("artefacts")
            json.beginObject()
            for artefact in identity.recipe.artefacts.further.sorted(by: { $0.key < $1.key }) {
                json.member(artefact.key, artefact.value.hex)
            }
            json.endObject()
        }
        if !artefactPaths.isEmpty {
            json.key("artefact_files")
            json.beginObject()
            for file in artefactPaths.sorted(by: { $0.key < $1.key }) {
                json.member(file.key, file.value)
            }
            json.endObject()
        }
        json.member("recipe_sha256", identity.recipe.digest.hex)
        json.member("engine", identity.engineNumber)
        json.member("arithmetic", identity.arithmetic)
        json.key("options")
        json.beginObject()
        for field in identity.options.fields { json.member(field.name, field.value) }
        json.endObject()
        json.endObject()
    }
}
