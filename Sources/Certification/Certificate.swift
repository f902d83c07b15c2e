internal import Digests
internal import StrictJSON
package import Tensors

/// What was seen of an arithmetic class on one machine: that it keeps its promise, or why it does not.
///
/// It is good for the processor, the program and the library's file that it was made with.
package struct Certificate: Hashable, Sendable {
    package let arithmetic: ArithmeticClass
    /// What stands for the file of the matrix library: its name, length and time of change.
    package let library: String
    /// Why the class is not offered; nil if it is.
    package let failure: String?
    /// The shapes of products that passed.
    package var shapes: Set<String>

    package init(
        arithmetic: ArithmeticClass, library: String, failure: String?, shapes: Set<String>
    ) {
        self.arithmetic = arithmetic
        self.library = library
        self.failure = failure
        self.shapes = shapes
    }

    /// Models have a few dozen shapes; more than that many different models' are not kept.
    package static let shapesMax = 4_096
    /// Of a certificate as JSON.
    package static let bytesMax = 1 << 20
    private static let form = 1

    package var json: [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("form", Self.form)
        writer.member("class", arithmetic.description)
        writer.member("library", library)
        if let failure { writer.member("failure", failure) }
        writer.key("shapes")
        writer.beginArray()
        for shape in shapes.sorted().prefix(Self.shapesMax) { writer.value(shape) }
        writer.endArray()
        writer.endObject()
        return writer.bytes + [0x0A]
    }

    /// Nil for what is no certificate of this form.
    package init?(json: [UInt8]) {
        guard json.count <= Self.bytesMax, let object = try? JSONParser.parse(json).object,
            object["form"]?.int == Self.form,
            let arithmetic = object["class"]?.string.flatMap(ArithmeticClass.init(_:)),
            let library = object["library"]?.string, let shapes = object["shapes"]?.array,
            shapes.count <= Self.shapesMax
        else { return nil }
        self.init(
            arithmetic: arithmetic, library: library, failure: object["failure"]?.string,
            shapes: Set(shapes.compactMap(\.string)))
    }
}
