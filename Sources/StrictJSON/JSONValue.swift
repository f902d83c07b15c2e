/// A JSON value with the bytes it came from, so that callers can copy input through unchanged.
package enum JSONValue: Sendable {
    case null
    case bool(Bool)
    case number(JSONNumber)
    case string(String)
    case array([JSONValue])
    case object(JSONObject)

    package var string: String? {
        if case .string(let text) = self { text } else { nil }
    }

    package var bool: Bool? {
        if case .bool(let flag) = self { flag } else { nil }
    }

    /// The value of a number, if it is finite.
    package var double: Double? {
        if case .number(let number) = self { number.double } else { nil }
    }

    /// The value of a number without fraction that a `Double` holds exactly (within ±2^53).
    package var int: Int? {
        if case .number(let number) = self { number.int } else { nil }
    }

    package var array: [JSONValue]? {
        if case .array(let values) = self { values } else { nil }
    }

    package var object: JSONObject? {
        if case .object(let object) = self { object } else { nil }
    }

    package var isNull: Bool {
        if case .null = self { true } else { false }
    }
}

/// A number as it was written.
package struct JSONNumber: Hashable, Sendable {
    /// The characters of the literal.
    package let text: String

    package init(text: String) {
        self.text = text
    }

    /// The nearest `Double`; nil where that is infinite.
    package var double: Double? {
        guard let value = Double(text), value.isFinite else { return nil }
        return value
    }

    /// The value if it is whole and within ±2^53.
    package var int: Int? {
        if let value = Int(text) { return value.magnitude <= 1 << 53 ? value : nil }
        guard let value = double, abs(value) <= 0x1p53, value == value.rounded() else { return nil }
        return Int(value)
    }
}

/// An object: its members in the order of the text, each key once.
///
/// Keys are told apart by their bytes once escapes are decoded, as other readers do, and not by
/// Unicode's canonical equivalence.
package struct JSONObject: Sendable {
    /// One `"key": value`.
    package struct Member: Sendable {
        package let key: String
        package let value: JSONValue
        /// The key's bytes in the text, quotes included.
        package let keyRange: Range<Int>
        /// The value's bytes in the text.
        package let valueRange: Range<Int>
    }

    package let members: [Member]
    private let positions: [ExactString: Int]

    /// - Precondition: no key stands twice; the parser has refused that.
    init(members: [Member], positions: [ExactString: Int]) {
        self.members = members
        self.positions = positions
    }

    /// The value of `key`, if it is there.
    package subscript(key: String) -> JSONValue? { member(key)?.value }

    /// The member named `key`, if it is there.
    package func member(_ key: String) -> Member? {
        if positions.isEmpty { return members.first { $0.key.hasSameBytes(as: key) } }
        return positions[ExactString(key)].map { members[$0] }
    }
}
