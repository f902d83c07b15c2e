/// A row as it lies on a page, of whatever table.
struct PageCell {
    /// Nil for a row of a table without rowid.
    let rowID: Int?
    /// As stored: a column that is the rowid is NULL here.
    let values: [StoredValue]
}

extension DatabasePages {
    private static let tableLeaf: UInt8 = 0x0D
    private static let indexLeaf: UInt8 = 0x0A
    private static let indexInterior: UInt8 = 0x02
    /// No row of ours is longer: a record has at most 32 MiB.
    private static let payloadBytesMax = 40 << 20

    /// The rows on a page, as far as they can be read; whether they are what was written is for the
    /// caller to find out.
    func cells(onPage number: Int) -> [PageCell] {
        guard let page = page(number) else { return [] }
        let header = number == 1 ? 100 : 0
        let type = page[header]
        let hasChild = type == Self.indexInterior
        guard [Self.tableLeaf, Self.indexLeaf, Self.indexInterior].contains(type) else { return [] }
        let count = Int(page[header + 3]) << 8 | Int(page[header + 4])
        let pointers = header + (hasChild ? 12 : 8)
        guard pointers + 2 * count <= page.count else { return [] }
        return (0..<count).compactMap { index in
            let pointer = pointers + 2 * index
            let start = Int(page[pointer]) << 8 | Int(page[pointer + 1])
            return cell(page[...], at: start + (hasChild ? 4 : 0), isTable: type == Self.tableLeaf)
        }
    }

    private func cell(_ page: ArraySlice<UInt8>, at start: Int, isTable: Bool) -> PageCell? {
        guard start < page.count else { return nil }
        var rest = page[start...]
        guard let length = Self.varint(&rest), (1...Self.payloadBytesMax).contains(length) else {
            return nil
        }
        var rowID: Int?
        if isTable {
            guard let number = Self.varint(&rest) else { return nil }
            rowID = number
        }
        guard let payload = payload(rest, length, isTable: isTable),
            let values = Self.values(payload)
        else { return nil }
        return PageCell(rowID: rowID, values: values)
    }

    /// A row's bytes: on its page, and what does not fit there on a chain of others.
    private func payload(
        _ rest: ArraySlice<UInt8>, _ length: Int, isTable: Bool
    ) -> [UInt8]? {
        let usable = Self.pageBytes
        let localMax = isTable ? usable - 35 : (usable - 12) * 64 / 255 - 23
        guard length > localMax else {
            return rest.count >= length ? Array(rest.prefix(length)) : nil
        }
        let localMin = (usable - 12) * 32 / 255 - 23
        let fitting = localMin + (length - localMin) % (usable - 4)
        let local = fitting <= localMax ? fitting : localMin
        guard rest.count >= local + 4 else { return nil }
        var bytes = Array(rest.prefix(local))
        var next = Self.number(rest.dropFirst(local).prefix(4))
        while bytes.count < length {
            guard let page = page(next) else { return nil }
            next = Self.number(page[..<4])
            bytes += page[4...].prefix(length - bytes.count)
        }
        return bytes
    }

    /// The columns of a row, in SQLite's record format.
    private static func values(_ payload: [UInt8]) -> [StoredValue]? {
        var header = payload[...]
        guard let headerBytes = varint(&header), (1...payload.count).contains(headerBytes),
            headerBytes >= header.startIndex
        else { return nil }
        header = payload[header.startIndex..<headerBytes]
        var body = payload[headerBytes...]
        var values: [StoredValue] = []
        while !header.isEmpty {
            guard values.count < 64, let type = varint(&header), type >= 0 else { return nil }
            let count: Int
            switch type {
            case 0, 8, 9: count = 0
            case 1...4: count = type
            case 5: count = 6
            case 6, 7: count = 8
            case 10, 11: return nil
            default: count = (type - 12) / 2
            }
            guard body.count >= count else { return nil }
            let bytes = body.prefix(count)
            body = body.dropFirst(count)
            switch type {
            case 0: values.append(.null)
            case 1...6: values.append(.integer(Int(signed(bytes))))
            case 7: values.append(.real(Double(bitPattern: UInt64(bitPattern: signed(bytes)))))
            case 8, 9: values.append(.integer(type - 8))
            default:
                values.append(
                    type % 2 == 0
                        ? .bytes(Array(bytes)) : .text(String(decoding: bytes, as: UTF8.self)))
            }
        }
        return values
    }

    /// Takes a number of one to nine bytes, the highest seven bits first.
    private static func varint(_ bytes: inout ArraySlice<UInt8>) -> Int? {
        var value: UInt64 = 0
        for index in 0..<9 {
            guard let byte = bytes.popFirst() else { return nil }
            if index == 8 { return Int(truncatingIfNeeded: value << 8 | UInt64(byte)) }
            value = value << 7 | UInt64(byte & 0x7F)
            if byte < 0x80 { return Int(truncatingIfNeeded: value) }
        }
        return nil
    }

    private static func number(_ bytes: some Sequence<UInt8>) -> Int {
        bytes.reduce(0) { $0 << 8 | Int($1) }
    }

    private static func signed(_ bytes: ArraySlice<UInt8>) -> Int64 {
        let start: Int64 = bytes.first.map { $0 >= 0x80 } == true ? -1 : 0
        return bytes.reduce(start) { $0 << 8 | Int64($1) }
    }
}
