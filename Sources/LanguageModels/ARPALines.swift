/// The lines of a text that comes in pieces.
struct ARPALines {
    private let path: String
    private let read: (UnsafeMutableRawBufferPointer) throws(LanguageModelError) -> Int
    private var buffer: [UInt8]
    private var position = 0
    private var end = 0
    private var isOver = false
    /// 1-based, of the last line that was read.
    private(set) var number = 0

    /// A line of a real model is a few words long.
    private static let bytesMax = 1 << 16

    /// - Parameter read: fills the buffer with what comes next; 0 at the end.
    init(
        path: String,
        read: @escaping (UnsafeMutableRawBufferPointer) throws(LanguageModelError) -> Int
    ) {
        self.path = path
        self.read = read
        buffer = [UInt8](repeating: 0, count: 4 * Self.bytesMax)
    }

    /// The next line without its end; nil after the last.
    ///
    /// - Throws: if the text cannot be read, or a line is longer than any n-gram.
    mutating func next() throws(LanguageModelError) -> ArraySlice<UInt8>? {
        var searched = position
        while true {
            if let lineEnd = buffer[searched..<end].firstIndex(of: 0x0A) {
                defer { position = lineEnd + 1 }
                return line(position..<lineEnd)
            }
            searched = end
            guard end - position <= Self.bytesMax else {
                throw LanguageModelError(
                    path, place: "line \(number + 1)",
                    "longer than \(Self.bytesMax) bytes; this is no ARPA file")
            }
            if isOver {
                guard position < end else { return nil }
                defer { position = end }
                return line(position..<end)
            }
            if position > 0 {
                buffer.replaceSubrange(0..<end - position, with: buffer[position..<end])
                (searched, end, position) = (searched - position, end - position, 0)
            }
            let start = end
            let got = buffer.withUnsafeMutableBytes { bytes -> Result<Int, LanguageModelError> in
                do throws(LanguageModelError) {
                    return .success(
                        try read(UnsafeMutableRawBufferPointer(rebasing: bytes[start...])))
                } catch {
                    return .failure(error)
                }
            }
            end += try got.get()
            isOver = end == start
        }
    }

    private mutating func line(_ range: Range<Int>) -> ArraySlice<UInt8> {
        number += 1
        let line = buffer[range]
        return line.last == 0x0D ? line.dropLast() : line
    }
}
