internal import Foundation

/// A float32 array read from an `.npy` file.
struct NumpyArray {
    let shape: [Int]
    let values: [Float]

    struct Unreadable: Error { let path: String }

    /// Reads version 1, C order, little-endian float32: what the fixtures are.
    init(path: String) throws {
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        guard bytes.count > 10, Array(bytes[0..<6]) == [0x93] + Array("NUMPY".utf8), bytes[6] == 1
        else { throw Unreadable(path: path) }
        let header = 10 + Int(bytes[8]) + Int(bytes[9]) << 8
        let text = String(decoding: bytes[10..<header], as: UTF8.self)
        guard text.contains("'<f4'"), text.contains("'fortran_order': False"),
            let open = text.range(of: "'shape': ("),
            let close = text[open.upperBound...].firstIndex(of: ")")
        else { throw Unreadable(path: path) }
        shape = text[open.upperBound..<close].split(separator: ",").compactMap {
            Int($0.trimmingCharacters(in: .whitespaces))
        }
        values = bytes[header...].withUnsafeBytes { raw in
            (0..<raw.count / 4).map { raw.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self) }
        }
        guard values.count == shape.reduce(1, *) else { throw Unreadable(path: path) }
    }
}
