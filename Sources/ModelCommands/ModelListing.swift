package import Checkpoints
internal import Digests
internal import ModelFamilies
internal import ModelLoading
internal import SpeechTypes
internal import StrictJSON

/// What a model is, as far as can be said without reading its weights.
package struct ModelListing: Sendable {
    /// What a model that loads is like.
    struct Facts: Sendable {
        let family: String
        let parameters: Int
        let classes: Int
        /// From one frame to the next.
        let frameMilliseconds: Int
        /// Nil where nobody has computed it yet.
        let digest: String?
        let warnings: [String]
    }

    /// As `--model` takes it.
    let name: String
    let path: String
    /// Of its files.
    let byteCount: Int
    let languages: [String]
    /// Nil for a model that does not load.
    let facts: Facts?
    /// Why it does not load.
    let problem: String?

    /// - Parameters:
    ///   - computesDigests: reads all weights where the digest is not known; takes minutes with large models.
    ///   - cache: of digests.
    package init(
        name: String, path: String, byteCount: Int, computesDigests: Bool = false,
        cache: DigestCache? = .standard()
    ) {
        self.name = name
        self.path = path
        self.byteCount = byteCount
        do throws(CheckpointError) {
            let model = try ModelLoader.load(path: path)
            let digest =
                computesDigests
                ? try model.digest(cache: cache) : model.knownDigest(in: cache)
            facts = Facts(
                family: model.family, parameters: model.parameterCount,
                classes: model.configuration.classes,
                frameMilliseconds: model.clock.samplesPerFrame * 1_000 / FrameClock.sampleRate,
                digest: digest?.hex, warnings: model.warnings)
            languages = model.languages
            problem = nil
        } catch {
            facts = nil
            languages = []
            problem = error.description
        }
    }

    // MARK: For people

    /// Lines without one at the end.
    package var text: String {
        guard let facts else {
            return
                "\(name)\n  does not load: \(problem ?? "")\n  \(Self.bytes(byteCount)) in \(path)"
        }
        var lines = [
            name,
            "  \(facts.family), \(Self.millions(facts.parameters)) parameters, "
                + "\(Self.bytes(byteCount)), \(facts.classes) classes, a frame every "
                + "\(facts.frameMilliseconds) ms",
        ]
        if !languages.isEmpty {
            let shown = languages.prefix(8).joined(separator: ", ")
            lines.append(
                "  \(languages.count) languages: \(shown)\(languages.count > 8 ? ", …" : "")")
        }
        if let digest = facts.digest { lines.append("  digest \(digest)") }
        lines += facts.warnings.map { "  warning: \($0)" }
        return lines.joined(separator: "\n")
    }

    private static func bytes(_ count: Int) -> String {
        count >= 1_000_000_000
            ? tenths(count, of: 1_000_000_000) + " GB" : tenths(count, of: 1_000_000) + " MB"
    }

    private static func millions(_ count: Int) -> String {
        tenths(count, of: 1_000_000) + " million"
    }

    private static func tenths(_ count: Int, of unit: Int) -> String {
        let (quotient, rest) = count.quotientAndRemainder(dividingBy: unit)
        return "\(quotient).\(rest / (unit / 10))"
    }

    // MARK: For programs

    private func write(to writer: inout JSONWriter) {
        func field(_ name: String, _ value: String?) {
            writer.key(name)
            if let value { writer.value(value) } else { writer.null() }
        }
        func field(_ name: String, _ value: Int?) {
            writer.key(name)
            if let value { writer.value(value) } else { writer.null() }
        }
        func field(_ name: String, _ texts: [String]) {
            writer.key(name)
            writer.beginArray()
            for text in texts { writer.value(text) }
            writer.endArray()
        }
        writer.beginObject()
        field("name", name)
        field("path", path)
        writer.key("loads")
        writer.value(facts != nil)
        field("problem", problem)
        field("family", facts?.family)
        field("bytes", byteCount)
        field("parameters", facts?.parameters)
        field("classes", facts?.classes)
        field("frame_milliseconds", facts?.frameMilliseconds)
        field("languages", languages)
        field("digest", facts?.digest)
        field("warnings", facts?.warnings ?? [])
        writer.endObject()
    }

    /// One object: the cache, its models, and the families that are read.
    package static func json(_ models: [ModelListing], cache: String) -> String {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("cache")
        writer.value(cache)
        writer.key("models")
        writer.beginArray()
        for model in models { model.write(to: &writer) }
        writer.endArray()
        writer.key("families")
        writer.beginArray()
        for family in ModelFamily.all {
            writer.beginObject()
            writer.key("name")
            writer.value(family.name)
            writer.key("model_types")
            writer.beginArray()
            for type in family.modelTypes { writer.value(type) }
            writer.endArray()
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    /// The families that are read, in a sentence.
    package static var familiesText: String {
        "Families that are read: \(ModelFamily.all.map(\.name).joined(separator: ", ")); checkpoints of "
            + "NVIDIA's and fairseq's training, too."
    }
}
