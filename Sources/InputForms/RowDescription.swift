internal import Digests
internal import Manifests
internal import SpeechTypes
internal import StrictJSON

/// A row as a list of another program tells it, with the facts of a row under the names of this one.
struct RowDescription {
    /// The recording: a path, an address, or a command.
    var path: PathBytes
    /// Seconds, as JSON writes numbers; nil where the list does not say.
    var offset: String?
    var duration: String?
    var text: String?
    var id: String?
    var speaker: String?
    /// Counted from 0.
    var channel: Int?
    var language: String?
    /// Whatever else the list has, in its order; the values are JSON.
    var others: [(key: String, value: [UInt8])] = []

    init(_ path: PathBytes) { self.path = path }

    /// What an object says of a whole file: its text, speaker, language and channel, and everything else as it stands.
    ///
    /// - Parameter bytes: what the object was read of.
    init(_ path: PathBytes, metadata object: JSONObject, of bytes: [UInt8]) {
        self.init(path)
        var used: Set<String> = []
        func take(_ key: String) -> String? {
            guard let value = object[key] else { return nil }
            var text = value.string
            if case .number(let number) = value { text = number.text }
            if text != nil { used.insert(key) }
            return text
        }
        text =
            Self.textKeys.lazy.compactMap { object[$0]?.string == nil ? nil : take($0) }.first
        id = take("id")
        speaker = take("speaker")
        language = take("language") ?? take("lang")
        if let number = object["channel"]?.int, 0..<1_024 ~= number {
            channel = number
            used.insert("channel")
        }
        var taken = Set(object.members.map(\.key)).subtracting(Self.ownNames)
        for member in object.members where !used.contains(member.key) {
            taken.remove(member.key)
            let kept = Self.keptName(member.key, taken: taken)
            taken.insert(kept)
            others.append((kept, Array(bytes[member.valueRange])))
        }
    }

    private static let textKeys = ["text", "transcription", "transcript", "sentence"]

    /// Names that mean something in a row: what a list has under one of them and means otherwise is kept as
    /// `source_NAME`.
    static let ownNames: Set = [
        ManifestRow.pathKey, ManifestRow.pathBytesKey, "offset", "duration", "text", "id",
        "speaker",
        "channel", "language", "lang",
    ]

    /// The name under which a member of a list is kept beside those of the row.
    static func keptName(_ name: String, taken: Set<String>) -> String {
        var kept = ownNames.contains(name) ? "source_" + name : name
        while taken.contains(kept) { kept = "source_" + kept }
        return kept
    }

    /// The row as a line without its end.
    func bytes() -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member(ManifestRow.pathKey, path.text)
        if !path.isText { writer.member(ManifestRow.pathBytesKey, Base64.text(path.bytes)) }
        for (key, number) in [("offset", offset), ("duration", duration)] {
            guard let number else { continue }
            writer.key(key)
            writer.raw(number.utf8)
        }
        for (key, value) in [("text", text), ("id", id), ("speaker", speaker)] {
            if let value { writer.member(key, value) }
        }
        if let channel { writer.member("channel", channel) }
        if let language { writer.member("language", language) }
        for (key, value) in others {
            writer.key(key)
            writer.raw(value)
        }
        writer.endObject()
        return writer.bytes
    }
}
