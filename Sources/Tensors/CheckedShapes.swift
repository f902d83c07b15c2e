internal import Synchronization

/// The extents of the products that one packed matrix is for.
package struct ProductShape: Hashable, Sendable, CustomStringConvertible {
    package let columns: Int
    package let depth: Int
    /// Elements from one row of the operand to the next.
    package let inputStride: Int
    /// Of each call, fewest first.
    package let rows: [Int]
    /// Multiplied in float32 whatever the precision.
    package let keepsFloats: Bool

    package init(columns: Int, depth: Int, inputStride: Int, rows: [Int], keepsFloats: Bool) {
        self.columns = columns
        self.depth = depth
        self.inputStride = inputStride
        self.rows = rows
        self.keepsFloats = keepsFloats
    }

    /// `768x3072`, with what is not the usual behind it: `512x1024/1536@96 fp32`.
    package var description: String {
        "\(columns)x\(depth)" + (inputStride == depth ? "" : "/\(inputStride)")
            + "@\(rows.map(String.init).joined(separator: ","))" + (keepsFloats ? " fp32" : "")
    }
}

/// The shapes whose products were seen to be what this process's arithmetic class promises.
///
/// A class stands for bits. That they are the same on this machine is not taken from a library's version but looked
/// at, once for each shape that a model has.
package final class CheckedShapes: Sendable {
    private let passed = Mutex<Set<String>>([])

    init() {}

    /// All that have passed, as ``ProductShape/description`` writes them.
    package var texts: Set<String> { passed.withLock { $0 } }

    /// Takes shapes that have passed in another process of this machine.
    package func accept(_ texts: Set<String>) { passed.withLock { $0.formUnion(texts) } }

    /// Checks a shape that has not been yet.
    ///
    /// - Returns: the checksum of what was computed; nil if nothing was.
    /// - Throws: if its products are not what the class promises.
    @discardableResult
    func require(
        _ shape: ProductShape, of arithmetic: ArithmeticClass,
        check: () throws(ArithmeticError) -> ProductCheck.Outcome
    ) throws(ArithmeticError) -> UInt64? {
        let text = shape.description
        guard !passed.withLock({ $0.contains(text) }) else { return nil }
        let outcome = try check()
        if let failure = outcome.failure { throw Self.refusal(arithmetic, failure) }
        passed.withLock { _ = $0.insert(text) }
        return outcome.checksum
    }

    static func refusal(_ arithmetic: ArithmeticClass, _ failure: String) -> ArithmeticError {
        ArithmeticError(
            .uncertified,
            "\(arithmetic) does not keep its promise on this machine: \(failure); choose another class "
                + "with --arithmetic or --precision")
    }
}
