internal import StrictJSON

/// Changes one member of a row and leaves all other bytes as they are.
enum RowMember {
    /// - Parameters:
    ///   - json: the member's value.
    ///   - object: what the row was parsed to.
    static func set(
        _ key: String, _ json: [UInt8], in row: [UInt8], _ object: JSONObject
    ) -> [UInt8] {
        if let place = object.member(key)?.valueRange {
            return row[..<place.lowerBound] + json + row[place.upperBound...]
        }
        // A row has at least one member: the path that made it a row.
        guard let end = row.lastIndex(of: UInt8(ascii: "}")) else { return row }
        var writer = JSONWriter()
        writer.value(key)
        return row[..<end] + [UInt8(ascii: ",")] + writer.bytes + [UInt8(ascii: ":")] + json
            + row[end...]
    }
}
