/// What a pickle can build here: a closed set of data.
///
/// Containers are indices into the ``PickleGraph`` that holds them, so that cyclic pickles are
/// plain values too.
package enum PickleValue: Hashable, Sendable {
    case none
    case bool(Bool)
    case int(Int)
    case double(Double)
    case string(String)
    /// Bytes, and integers beyond 64 bits; nothing here looks inside.
    case opaque
    /// `module.name`, looked up by nobody.
    case global(String)
    /// A list, tuple or set.
    case sequence(Int)
    /// A dictionary, ordered or not.
    case mapping(Int)
    /// An object of a class that is only named.
    case record(Int)
    /// What PyTorch stores outside the pickle; the sequence that names it.
    case persistent(Int)
}

/// A call that was recorded and not made: `callable(arguments)`, then its state.
package struct PickleRecord: Sendable {
    package let callable: PickleValue
    package let arguments: PickleValue
    package var state: PickleValue = .none
}

/// All values of one pickle.
package struct PickleGraph: Sendable {
    package var sequences: [[PickleValue]] = []
    package var mappings: [[(key: PickleValue, value: PickleValue)]] = []
    package var records: [PickleRecord] = []
    /// The tuples of persistent ids, in order of appearance.
    package var persistentIDs: [PickleValue] = []
    package var root: PickleValue = .none

    /// The elements of a list or tuple.
    package func elements(_ value: PickleValue) -> [PickleValue]? {
        if case .sequence(let index) = value { sequences[index] } else { nil }
    }

    /// The members of a dictionary.
    package func members(_ value: PickleValue) -> [(key: PickleValue, value: PickleValue)]? {
        if case .mapping(let index) = value { mappings[index] } else { nil }
    }

    /// The recorded call of an object.
    package func record(_ value: PickleValue) -> PickleRecord? {
        if case .record(let index) = value { records[index] } else { nil }
    }

    /// The dictionary's value under a string key; the last one, as Python would have it.
    package func value(_ mapping: PickleValue, _ key: String) -> PickleValue? {
        members(mapping)?.last { $0.key == .string(key) }?.value
    }
}
