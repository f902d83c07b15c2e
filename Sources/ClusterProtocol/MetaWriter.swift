internal import Digests
internal import StrictJSON

/// Writes the meta of a message: the fields in the order in which they are given.
struct MetaWriter {
    private var json = JSONWriter()

    init() { json.beginObject() }

    /// The finished object.
    consuming func finish() -> [UInt8] {
        json.endObject()
        return json.bytes
    }

    mutating func field(_ name: String, _ value: Int) {
        json.key(name)
        json.value(value)
    }

    mutating func field(_ name: String, _ value: Bool) {
        json.key(name)
        json.value(value)
    }

    mutating func field(_ name: String, _ value: String) {
        json.key(name)
        json.value(value)
    }

    mutating func field(_ name: String, _ values: [Int]) {
        json.key(name)
        json.beginArray()
        for value in values { json.value(value) }
        json.endArray()
    }

    mutating func field(_ name: String, _ values: [String]) {
        json.key(name)
        json.beginArray()
        for value in values { json.value(value) }
        json.endArray()
    }

    mutating func field(_ name: String, _ digests: [ShortDigest]) {
        json.key(name)
        json.beginArray()
        for digest in digests { json.value(digest.hex) }
        json.endArray()
    }
}
