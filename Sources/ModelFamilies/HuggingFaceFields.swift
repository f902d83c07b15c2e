package import Checkpoints
internal import EncoderBlocks
package import StrictJSON

/// Fields of one JSON file, with errors that name field and file.
package struct HuggingFaceFields {
    private let object: JSONObject
    package let path: String

    package init(_ object: JSONObject, path: String) {
        self.object = object
        self.path = path
    }

    package func refused(_ message: String) -> CheckpointError {
        CheckpointError(.refused, path: path, message)
    }

    /// The value of a field that is there and not null.
    package func value(_ name: String) -> JSONValue? {
        guard let value = object[name], !value.isNull else { return nil }
        return value
    }

    package func isSet(_ name: String) -> Bool { value(name) != nil }

    /// Whether the field is there and says that there is none.
    package func isNull(_ name: String) -> Bool { object[name]?.isNull ?? false }

    /// The fields of an object within this one.
    package func object(_ name: String) -> HuggingFaceFields? {
        value(name)?.object.map { HuggingFaceFields($0, path: path) }
    }

    package func int(_ name: String) throws(CheckpointError) -> Int? {
        try field(name, "a whole number") { $0.int }
    }

    package func bool(_ name: String) throws(CheckpointError) -> Bool? {
        try field(name, "true or false") { $0.bool }
    }

    package func string(_ name: String) throws(CheckpointError) -> String? {
        try field(name, "a text") { $0.string }
    }

    package func double(_ name: String) throws(CheckpointError) -> Double? {
        try field(name, "a number") { $0.double }
    }

    package func ints(_ name: String) throws(CheckpointError) -> [Int]? {
        try field(name, "a list of whole numbers") { value in
            guard let values = value.array else { return nil }
            let integers = values.compactMap { $0.int }
            return integers.count == values.count ? integers : nil
        }
    }

    private func field<Value>(
        _ name: String, _ kind: String, _ read: (JSONValue) -> Value?
    ) throws(CheckpointError) -> Value? {
        guard let value = value(name) else { return nil }
        guard let result = read(value) else {
            throw CheckpointError(.damaged, path: path, "\(name) must be \(kind)")
        }
        return result
    }
}

extension HuggingFaceFields {
    /// The activation that the field `name` names.
    ///
    /// - Parameter standard: where the field is not there.
    func activation(
        _ name: String, standard: Activation = .gelu
    ) throws(CheckpointError) -> Activation {
        switch try string(name) {
        case nil: return standard
        case "gelu": return .gelu
        case "gelu_new", "gelu_pytorch_tanh", "gelu_fast": return .geluTanh
        case "relu": return .relu
        case "tanh": return .tanh
        case "linear": return .linear
        case "swish", "silu": return .swish
        case let other?: throw refused("\(name) is \(other), which is not known here")
        }
    }
}
