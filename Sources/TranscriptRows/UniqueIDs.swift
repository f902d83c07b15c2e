/// Tells whether each id stands once, however many there are.
package final class UniqueIDs {
    private let sort: ExternalSort
    private let format: String

    package init(in folder: String, format: String) {
        sort = ExternalSort(in: folder)
        self.format = format
    }

    /// - Parameter lineNumber: where the id comes from.
    /// - Throws: `storage` if the id cannot be kept.
    package func add(_ id: String, lineNumber: Int) throws(ExportError) {
        var key = Array(id.utf8)
        key.append(0)
        let payload = withUnsafeBytes(of: lineNumber) { Array($0) }
        withUnsafeBytes(of: lineNumber.bigEndian) { key += $0 }
        try sort.add(key: key, payload)
    }

    /// - Throws: `unspeakable` if an id stands twice.
    package func check() throws(ExportError) {
        var previous: [UInt8] = []
        var previousLine = 0
        try sort.forEach { key, payload throws(ExportError) in
            let id = key.dropLast(9)
            let line = payload.loadUnaligned(as: Int.self)
            if previousLine > 0, id.elementsEqual(previous) {
                throw ExportError.sameID(
                    String(decoding: id, as: UTF8.self), lines: previousLine, line, format)
            }
            previous = Array(id)
            previousLine = line
        }
    }
}
