/// The texts of a small answer in XML, each with the name of its element and of the one around it.
///
/// Object stores answer with elements and texts alone; attributes are passed over, and of entities the five that every
/// XML has are known. Nothing is kept of what is around the parent, and nothing is fetched or expanded.
struct MarkupFields {
    private var rest: Substring.UTF8View
    private var open: [String] = []

    private static let depthMax = 16

    init(_ bytes: [UInt8]) { rest = Substring(String(decoding: bytes, as: UTF8.self)).utf8 }

    /// An element that ends, with its text if it has no elements in it.
    struct Field: Equatable {
        let parent: String
        let name: String
        let text: String
    }

    /// The next element that ends; nil at the end, and for what is no XML.
    mutating func next() -> Field? {
        var text = ""
        while let mark = rest.firstIndex(of: UInt8(ascii: "<")) {
            text = Self.decoded(Substring(rest[..<mark]))
            rest = rest[rest.index(after: mark)...]
            guard let end = rest.firstIndex(of: UInt8(ascii: ">")) else { return nil }
            let tag = Substring(rest[..<end])
            rest = rest[rest.index(after: end)...]
            if tag.hasPrefix("?") || tag.hasPrefix("!") { continue }
            if tag.hasPrefix("/") {
                guard let name = open.popLast(), name == tag.dropFirst() else { return nil }
                return Field(parent: open.last ?? "", name: name, text: text)
            }
            let name = String(tag.prefix { !$0.isWhitespace && $0 != "/" })
            if tag.hasSuffix("/") {
                return Field(parent: open.last ?? "", name: name, text: "")
            }
            guard open.count < Self.depthMax else { return nil }
            open.append(name)
        }
        return nil
    }

    private static func decoded(_ text: Substring) -> String {
        guard text.contains("&") else { return String(text) }
        var result = ""
        var rest = text
        let entities: [(String, Character)] = [
            ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&#39;", "'"),
            ("&#34;", "\""), ("&amp;", "&"),
        ]
        while let mark = rest.firstIndex(of: "&") {
            result += rest[..<mark]
            rest = rest[mark...]
            if let (entity, character) = entities.first(where: { rest.hasPrefix($0.0) }) {
                result.append(character)
                rest = rest.dropFirst(entity.count)
            } else {
                result.append(rest.removeFirst())
            }
        }
        return result + rest
    }
}
