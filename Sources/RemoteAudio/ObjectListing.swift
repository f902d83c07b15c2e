internal import StrictJSON

/// A page of what is below an address.
struct ObjectPage: Equatable {
    struct Object: Equatable {
        /// The key, or the path in a data set.
        var key: [UInt8]
        var byteCount: Int?
    }

    var objects: [Object] = []
    /// What the next page is asked for with; nil on the last one.
    var next: String?

    /// An answer to ListObjectsV2, whose keys are encoded as in addresses; nil for another answer.
    static func ofStore(_ bytes: [UInt8]) -> ObjectPage? {
        var page = ObjectPage()
        var fields = MarkupFields(bytes)
        var object = Object(key: [])
        var isTruncated = false
        var isWhole = false
        while let field = fields.next() {
            switch (field.parent, field.name) {
            case ("Contents", "Key"):
                // A plus may stand for a space, as in forms; a plus itself is always encoded.
                let text = field.text.utf8.map { $0 == UInt8(ascii: "+") ? UInt8(ascii: " ") : $0 }
                object.key = PercentEncoding.decoded(text[...])
            case ("Contents", "Size"): object.byteCount = Int(field.text)
            case ("ListBucketResult", "Contents"):
                page.objects.append(object)
                object = Object(key: [])
            case ("ListBucketResult", "IsTruncated"): isTruncated = field.text == "true"
            case ("ListBucketResult", "NextContinuationToken"): page.next = field.text
            case ("", "ListBucketResult"): isWhole = true
            default: break
            }
        }
        guard isWhole, isTruncated == (page.next != nil) || !isTruncated else { return nil }
        if !isTruncated { page.next = nil }
        return page
    }

    /// An answer of a hub's tree; nil for another answer.
    static func ofHub(_ bytes: [UInt8]) -> ObjectPage? {
        guard let list = try? JSONParser.parse(bytes).array else { return nil }
        var page = ObjectPage()
        for value in list {
            guard let object = value.object, let path = object["path"]?.string else { return nil }
            guard object["type"]?.string == "file" else { continue }
            page.objects.append(
                Object(key: Array(path.utf8), byteCount: object["size"]?.int))
        }
        return page
    }
}
