/// The header of a NumPy file that holds log-probabilities: float16 or float32, little-endian,
/// [frames, classes] in C order.
///
/// Format: NumPy's NEP 1, versions 1.0 to 3.0. The dictionary is read by hand and nothing in it is
/// evaluated.
package struct NumPyHeader: Hashable, Sendable {
    package enum Element: Int, Hashable, Sendable {
        case float16 = 2
        case float32 = 4

        package var byteCount: Int { rawValue }
    }

    package let element: Element
    package let frames: Int
    package let classes: Int
    /// Bytes before the first value.
    package let byteCount: Int

    /// Bytes of a file's beginning that hold every header that is accepted.
    package static let byteCountMax = 1 << 12
    /// A day of frames of 10 ms.
    package static let framesMax = 8_640_000
    package static let classesMax = 1 << 17

    /// Bytes of all values.
    package var valueBytes: Int { frames * classes * element.byteCount }

    /// - Parameter start: the file's first bytes, ``byteCountMax`` of them if there are so many.
    /// - Throws: what is wrong, in words.
    package init(_ start: [UInt8]) throws(NumPyError) {
        guard start.starts(with: [0x93] + Array("NUMPY".utf8)), start.count >= 12 else {
            throw NumPyError("it is not a NumPy file (.npy)")
        }
        let version = start[6]
        guard (1...3).contains(version) else {
            throw NumPyError("its NumPy format \(version).\(start[7]) is not known")
        }
        let lengthBytes = version == 1 ? 2 : 4
        let length = (0..<lengthBytes).reduce(0) { $0 | Int(start[8 + $1]) << (8 * $1) }
        byteCount = 8 + lengthBytes + length
        guard byteCount <= Self.byteCountMax else {
            throw NumPyError("its header of \(length) bytes is longer than any of an array's")
        }
        guard start.count >= byteCount else { throw NumPyError("it ends within its header") }
        let text = String(decoding: start[(8 + lengthBytes)..<byteCount], as: UTF8.self)
        let fields = try Self.fields(text)
        switch fields.descr {
        case "<f2": element = .float16
        case "<f4": element = .float32
        default:
            throw NumPyError(
                "its values are \(fields.descr); only little-endian float16 (<f2) and float32 (<f4) "
                    + "are read: array.astype('<f4')")
        }
        guard !fields.isFortranOrder else {
            throw NumPyError("it is in Fortran order; numpy.ascontiguousarray(array) is not")
        }
        guard fields.shape.count == 2 else {
            throw NumPyError(
                "its shape \(fields.shape) is not [frames, classes]; array[0] is without the batch")
        }
        (frames, classes) = (fields.shape[0], fields.shape[1])
        guard frames <= Self.framesMax, (1...Self.classesMax).contains(classes) else {
            throw NumPyError(
                "its shape \(fields.shape) is not one of log-probabilities [frames, classes]")
        }
    }

    private struct Fields {
        var descr = ""
        var isFortranOrder = false
        var shape: [Int] = []
    }

    /// Reads `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 32), }`, in any order.
    private static func fields(_ text: String) throws(NumPyError) -> Fields {
        var scanner = Scanner(text)
        var fields = Fields()
        var seen: Set<String> = []
        try scanner.expect("{")
        while !scanner.skip("}") {
            let key = try scanner.quoted()
            guard seen.insert(key).inserted else { throw scanner.error }
            try scanner.expect(":")
            switch key {
            case "descr": fields.descr = try scanner.quoted()
            case "fortran_order":
                let word = scanner.letters()
                guard word == "True" || word == "False" else { throw scanner.error }
                fields.isFortranOrder = word == "True"
            case "shape": fields.shape = try scanner.numbers()
            default: throw scanner.error
            }
            if !scanner.skip(",") {
                try scanner.expect("}")
                break
            }
        }
        guard seen.count == 3 else { throw scanner.error }
        return fields
    }

    /// Reads the few forms that a header has.
    private struct Scanner {
        private var rest: Substring.UnicodeScalarView
        let error = NumPyError("its header is not that of an array of numbers")

        init(_ text: String) { rest = Substring(text).unicodeScalars }

        mutating func skip(_ scalar: Unicode.Scalar) -> Bool {
            rest = rest.drop { $0 == " " }
            guard rest.first == scalar else { return false }
            rest.removeFirst()
            return true
        }

        mutating func expect(_ scalar: Unicode.Scalar) throws(NumPyError) {
            guard skip(scalar) else { throw error }
        }

        mutating func quoted() throws(NumPyError) -> String {
            let mark: Unicode.Scalar = skip("'") ? "'" : "\""
            if mark == "\"" { try expect("\"") }
            let text = rest.prefix { $0 != mark }
            rest = rest.dropFirst(text.count)
            try expect(mark)
            return String(text)
        }

        mutating func letters() -> String {
            rest = rest.drop { $0 == " " }
            let text = rest.prefix { $0.properties.isAlphabetic }
            rest = rest.dropFirst(text.count)
            return String(text)
        }

        mutating func numbers() throws(NumPyError) -> [Int] {
            var numbers: [Int] = []
            try expect("(")
            while !skip(")") {
                rest = rest.drop { $0 == " " }
                let digits = rest.prefix { ("0"..."9").contains($0) }
                rest = rest.dropFirst(digits.count)
                guard let number = Int(String(digits)) else { throw error }
                numbers.append(number)
                if !skip(",") {
                    try expect(")")
                    break
                }
            }
            return numbers
        }
    }

    /// The values of `bytes`, as many as they hold.
    ///
    /// - Throws: for a value that is no natural-log probability: NaN, or above 0 by more than rounding
    ///   explains. Minus infinity is a probability of 0, and is read as the least number of float16's
    ///   range, so that a path through it is possible and bad.
    package func values(of bytes: [UInt8]) throws(NumPyError) -> [Float] {
        var values: [Float]
        switch element {
        case .float32:
            values = stride(from: 0, to: bytes.count / 4 * 4, by: 4).map { at in
                Float(
                    bitPattern: (0..<4).reduce(0) {
                        $0 | UInt32(bytes[at + $1]) << (8 * UInt32($1))
                    })
            }
        case .float16:
            values = stride(from: 0, to: bytes.count / 2 * 2, by: 2).map { at in
                Self.widened(UInt16(bytes[at]) | UInt16(bytes[at + 1]) << 8)
            }
        }
        for index in values.indices {
            let value = values[index]
            guard !value.isNaN, value <= Self.valueMax else {
                throw NumPyError(
                    value.isNaN
                        ? "it holds NaN"
                        : "it holds \(value), which is no logarithm of a probability")
            }
            if value < Self.valueMin { values[index] = Self.valueMin }
        }
        return values
    }

    /// Rounding to float16, and softmax in single precision, can bring a sure class above 0.
    private static let valueMax: Float = 0.01
    private static let valueMin: Float = -65_504

    /// A half-precision number (IEEE 754 binary16) in single precision, exactly.
    private static func widened(_ half: UInt16) -> Float {
        let sign = UInt32(half & 0x8000) << 16
        let exponent = UInt32(half >> 10) & 0x1F
        let fraction = UInt32(half & 0x3FF)
        switch exponent {
        case 0:
            let magnitude = Float(fraction) * 0x1p-24
            return sign == 0 ? magnitude : -magnitude
        case 31: return Float(bitPattern: sign | 0x7F80_0000 | fraction << 13)
        default: return Float(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
        }
    }
}

/// Why a NumPy file is not read, in words that follow the file's name.
package struct NumPyError: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}
