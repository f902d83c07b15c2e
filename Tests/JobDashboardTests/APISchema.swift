import Foundation
import StrictJSON
import Testing

/// docs/dashboard.schema.json, with as much of JSON Schema as it uses.
struct APISchema {
    private let definitions: JSONObject

    init() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let bytes = try Data(contentsOf: root.appending(path: "docs/dashboard.schema.json"))
        let schema = try #require(try JSONParser.parse(Array(bytes)).object)
        definitions = try #require(schema["$defs"]?.object)
    }

    /// What of a value is not as a definition says; empty if all is.
    func faults(of value: JSONValue, _ name: String) -> [String] {
        guard let definition = definitions[name]?.object else { return ["no definition \(name)"] }
        return faults(of: value, as: definition, at: name)
    }

    private func faults(of value: JSONValue, as schema: JSONObject, at place: String) -> [String] {
        if let reference = schema["$ref"]?.string {
            let name = reference.split(separator: "/").last.map(String.init) ?? ""
            guard let definition = definitions[name]?.object else { return ["no \(reference)"] }
            return faults(of: value, as: definition, at: place)
        }
        var found: [String] = []
        if let values = schema["enum"]?.array,
            !values.contains(where: { $0.string == value.string })
        {
            found.append("\(place) is none of its words")
        }
        switch schema["type"]?.string {
        case "object":
            guard let object = value.object else { return ["\(place) is no object"] }
            let properties = schema["properties"]?.object
            let others = schema["additionalProperties"]?.object
            for name in schema["required"]?.array?.compactMap(\.string) ?? []
            where object[name] == nil {
                found.append("\(place).\(name) is missing")
            }
            for member in object.members {
                if let known = properties?[member.key]?.object ?? others {
                    found += faults(of: member.value, as: known, at: "\(place).\(member.key)")
                } else {
                    found.append("\(place).\(member.key) is not described")
                }
            }
        case "array":
            guard let items = value.array else { return ["\(place) is no array"] }
            if let most = schema["maxItems"]?.int, items.count > most {
                found.append("\(place) is too long")
            }
            guard let item = schema["items"]?.object else {
                return found + ["\(place) has no items"]
            }
            found += items.flatMap { faults(of: $0, as: item, at: "\(place)[]") }
        case "string": if value.string == nil { found.append("\(place) is no text") }
        case "boolean": if value.bool == nil { found.append("\(place) is neither true nor false") }
        case "integer": if value.int == nil { found.append("\(place) is no integer") }
        case "number": if value.double == nil { found.append("\(place) is no number") }
        default: found.append("\(place) has no type in the schema")
        }
        if let least = schema["minimum"]?.double, let number = value.double, number < least {
            found.append("\(place) is too small")
        }
        return found
    }
}
