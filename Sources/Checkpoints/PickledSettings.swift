/// Named settings inside a pickle, whichever way they were kept: a dictionary, an
/// `argparse.Namespace`, or an omegaconf graph of containers and nodes.
package struct PickledSettings: Sendable {
    private let graph: PickleGraph
    private let value: PickleValue

    /// The settings at `value` of `graph`; omegaconf's nodes give what they hold.
    package init(_ value: PickleValue, in graph: PickleGraph) {
        self.graph = graph
        self.value = Self.unwrapped(value, in: graph)
    }

    /// The setting `name`, if these are settings and have it, other than None.
    package subscript(name: String) -> PickledSettings? {
        guard let found = lookUp(name) else { return nil }
        let settings = PickledSettings(found, in: graph)
        return settings.isAbsent ? nil : settings
    }

    /// Whether these are named settings at all.
    package var isGroup: Bool { members != .none }

    package var int: Int? {
        switch value {
        case .int(let integer): integer
        case .double(let number): Int(exactly: number)
        default: nil
        }
    }

    package var double: Double? {
        switch value {
        case .int(let integer): Double(integer)
        case .double(let number): number.isFinite ? number : nil
        default: nil
        }
    }

    /// A flag; old versions wrote 0 and 1.
    package var bool: Bool? {
        switch value {
        case .bool(let flag): flag
        case .int(0): false
        case .int(1): true
        default: nil
        }
    }

    /// A text, or the text in an enumeration's value.
    package var string: String? {
        if case .string(let text) = value { return text }
        guard let record = graph.record(value), let arguments = graph.elements(record.arguments),
            case .string(let text)? = arguments.last
        else { return nil }
        return text
    }

    /// A list, its elements as settings.
    package var list: [PickledSettings]? {
        graph.elements(value)?.map { PickledSettings($0, in: graph) }
    }

    /// None, or what omegaconf writes for "missing" and for references that nobody resolved.
    private var isAbsent: Bool {
        switch value {
        case .none: true
        case .string(let text): text == "???" || text.hasPrefix("${")
        default: false
        }
    }

    /// The dictionary that names are looked up in; `.none` without one.
    private var members: PickleValue {
        if case .mapping = value { return value }
        guard let record = graph.record(value), case .mapping = record.state else { return .none }
        return record.state
    }

    private func lookUp(_ name: String) -> PickleValue? { graph.value(members, name) }

    private static func unwrapped(_ value: PickleValue, in graph: PickleGraph) -> PickleValue {
        var value = value
        for _ in 0..<CheckpointLimits.wrapperDepthMax {
            guard let state = graph.record(value)?.state,
                let inner = graph.value(state, "_val") ?? graph.value(state, "_content")
            else { return value }
            value = inner
        }
        return value
    }
}
