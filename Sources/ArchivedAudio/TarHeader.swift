/// One block of 512 bytes in which a tar archive tells what follows: v7, ustar and pax (POSIX.1-2001, "pax
/// Interchange Format"), and GNU's form (GNU tar manual, "Basic Tar Format").
struct TarHeader {
    static let byteCount = 512

    enum Kind: Equatable {
        case file
        /// Another name of an earlier member.
        case hardLink
        /// What follows is the name, or the target, of the next header: GNU's.
        case longName
        case longLink
        /// What follows are attributes of the next header, or of all: pax.
        case attributes
        case globalAttributes
        /// A file with holes, in GNU's old form.
        case sparse
        /// A folder, a symbolic link, a device, a pipe.
        case other
    }

    let kind: Kind
    let name: [UInt8]
    let linkName: [UInt8]
    /// Bytes of the member.
    let size: Int
    /// More blocks of a map of holes stand between this one and the data.
    let hasSparseMap: Bool

    /// Whether data follows, however a member is taken.
    var hasData: Bool {
        switch kind {
        case .hardLink, .other: false
        default: true
        }
    }

    /// Bytes that data takes in the archive, which is a multiple of blocks.
    static func padded(_ size: Int) -> Int? {
        let (sum, overflow) = size.addingReportingOverflow(byteCount - 1)
        return overflow ? nil : sum / byteCount * byteCount
    }

    /// Nil for a block that is no header: its sum is another.
    init?(_ block: some Collection<UInt8>) {
        let block = Array(block)
        guard block.count == Self.byteCount, let stated = Self.number(block[148..<156]) else {
            return nil
        }
        // The sum counts its own field as spaces. Some old programs have added the bytes as signed ones.
        let spaces = 8 * 0x20
        let field = block[148..<156]
        guard
            stated == Self.sum(block[...]) - Self.sum(field) + spaces
                || stated == Self.signedSum(block[...]) - Self.signedSum(field) + spaces,
            let size = Self.number(block[124..<136])
        else { return nil }
        let isUstar = block[257..<263].elementsEqual("ustar\0".utf8)
        let prefix = isUstar ? Self.text(block[345..<500]) : []
        let own = Self.text(block[0..<100])
        name = prefix.isEmpty ? own : prefix + [UInt8(ascii: "/")] + own
        linkName = Self.text(block[157..<257])
        let type = block[156]
        var kind = Self.kind(of: type)
        // Before there was a type for them, folders were files whose name ends with a slash.
        if type == 0 || type == UInt8(ascii: "0"), name.last == UInt8(ascii: "/") { kind = .other }
        self.kind = kind
        self.size = size
        hasSparseMap = kind == .sparse && block[482] != 0
    }

    private static func kind(of type: UInt8) -> Kind {
        switch type {
        case 0, UInt8(ascii: "0"), UInt8(ascii: "7"): .file
        case UInt8(ascii: "1"): .hardLink
        case UInt8(ascii: "2")...UInt8(ascii: "6"): .other
        case UInt8(ascii: "L"): .longName
        case UInt8(ascii: "K"): .longLink
        case UInt8(ascii: "x"), UInt8(ascii: "X"): .attributes
        case UInt8(ascii: "g"): .globalAttributes
        case UInt8(ascii: "S"): .sparse
        // POSIX: an unknown type is to be taken as a plain file.
        default: .file
        }
    }

    private static func sum(_ bytes: ArraySlice<UInt8>) -> Int {
        bytes.reduce(0) { $0 &+ Int($1) }
    }

    private static func signedSum(_ bytes: ArraySlice<UInt8>) -> Int {
        bytes.reduce(0) { $0 &+ Int(Int8(bitPattern: $1)) }
    }

    /// The bytes before a zero.
    private static func text(_ field: ArraySlice<UInt8>) -> [UInt8] {
        Array(field.prefix { $0 != 0 })
    }

    /// Octal digits, with spaces or zeros around them, or GNU's binary form behind a set first bit.
    ///
    /// Empty fields are 0, as tar programs read them. Nil for what no size can be.
    private static func number(_ field: ArraySlice<UInt8>) -> Int? {
        guard let first = field.first else { return nil }
        if first == 0x80 {
            let digits = field.dropFirst().drop { $0 == 0 }
            guard digits.count < 8 else { return nil }
            return digits.reduce(0) { $0 << 8 | Int($1) }
        }
        let digits = field.drop { $0 == 0x20 }.prefix { $0 != 0 && $0 != 0x20 }
        guard digits.allSatisfy({ (0x30...0x37).contains($0) }) else { return nil }
        return digits.reduce(0) { $0 << 3 | Int($1 - 0x30) }
    }
}
