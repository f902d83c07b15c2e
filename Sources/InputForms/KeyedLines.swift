internal import Decompression
internal import Files
internal import Glibc
internal import Manifests
internal import SpeechTypes
internal import SystemErrors

/// A list whose lines are asked for by a key, such as Kaldi's `text` by utterance.
///
/// Where the keys are asked in the order of the lines, as in lists that belong together, nothing is
/// remembered. Otherwise the list is read once for a table of 16 bytes a line. A compressed
/// list, or a pipe, is copied to a file without a name first.
final class KeyedLines {
    /// The key of a line; nil for a line that has none.
    typealias KeyReader = (InputLine) throws(ManifestError) -> [UInt8]?

    let path: PathBytes
    private let descriptor: Int32
    private let reader: LineReader
    private let key: KeyReader
    /// The line that was found last.
    private var current: (key: [UInt8], line: InputLine)?
    /// The order of asking proved to be another than that of the lines.
    private var table: [Entry]?

    private struct Entry: Comparable {
        let hash: UInt64
        let offset: Int

        static func < (left: Self, right: Self) -> Bool {
            (left.hash, left.offset) < (right.hash, right.offset)
        }
    }

    /// A gibibyte of table.
    private static let linesMax = 1 << 26

    /// - Throws: `ManifestError` if the file cannot be read.
    init(_ path: PathBytes, key: @escaping KeyReader) throws(ManifestError) {
        self.path = path
        self.key = key
        descriptor = try Self.open(path)
        let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 3)
        guard copy >= 0 else {
            let error = ManifestError.system(.unreadable, path.text, "open it")
            close(descriptor)
            throw error
        }
        reader = LineReader(takingOver: copy, path: path.text)
    }

    deinit { close(descriptor) }

    /// The list whose keys are what stands before the first white space, as all of Kaldi's.
    static func byFirstField(_ path: PathBytes) throws(ManifestError) -> KeyedLines {
        try KeyedLines(path) { line throws(ManifestError) in line.keyAndRest().key }
    }

    /// The line of a key; nil if there is none.
    ///
    /// - Throws: `ManifestError` if the list cannot be read or has a key twice.
    func line(of wanted: [UInt8]) throws(ManifestError) -> InputLine? {
        if let current, current.key == wanted { return current.line }
        if table == nil {
            if let line = try nextRow(), let key = try key(line), key == wanted {
                current = (key, line)
                return line
            }
            table = try makeTable()
        }
        guard let table else { return nil }
        let hash = Self.hash(wanted)
        var index = table.partitioningIndex { $0.hash >= hash }
        while index < table.count, table[index].hash == hash {
            let line = try line(at: table[index].offset)
            if let key = try key(line), key == wanted {
                current = (key, line)
                return line
            }
            index += 1
        }
        return nil
    }

    private func nextRow() throws(ManifestError) -> InputLine? {
        guard let line = try reader.nextRow() else { return nil }
        return try InputLine(path: path, line)
    }

    private func makeTable() throws(ManifestError) -> [Entry] {
        let lines = try rewoundReader()
        var table: [Entry] = []
        while let line = try lines.nextRow() {
            let checked = try InputLine(path: path, line)
            guard let key = try key(checked) else { continue }
            guard table.count < Self.linesMax else {
                throw checked.error("more than \(Self.linesMax) lines; split the list")
            }
            table.append(Entry(hash: Self.hash(key), offset: line.offset))
        }
        table.sort()
        for index in table.indices.dropFirst() where table[index].hash == table[index - 1].hash {
            let lines = [try line(at: table[index - 1].offset), try line(at: table[index].offset)]
            let keys = [try key(lines[0]), try key(lines[1])]
            if keys[0] == keys[1] {
                throw lines[1].error(
                    "\(String(decoding: keys[1] ?? [], as: UTF8.self)) stands twice, first on line "
                        + "\(lines[0].number)")
            }
        }
        return table
    }

    /// A reader of the whole list; the one that goes with the rows is used no more.
    private func rewoundReader() throws(ManifestError) -> LineReader {
        let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 3)
        guard copy >= 0, lseek(copy, 0, SEEK_SET) == 0 else {
            throw .system(.unreadable, path.text, "read it again")
        }
        return LineReader(takingOver: copy, path: path.text)
    }

    private func line(at offset: Int) throws(ManifestError) -> InputLine {
        var count = 1 << 12
        while true {
            let bytes = try bytes(at: offset, count: count)
            let end = bytes.firstIndex(of: 0x0A)
            if end != nil || bytes.count < count {
                var line = Array(bytes[..<(end ?? bytes.endIndex)])
                if line.last == 0x0D { line.removeLast() }
                return try InputLine(path: path, bytes: line) { [self] () throws(ManifestError) in
                    try number(ofLineAt: offset)
                }
            }
            count = min(count * 16, ManifestLimits.lineBytesMax + 16)
        }
    }

    private func bytes(at offset: Int, count: Int) throws(ManifestError) -> [UInt8] {
        try mapError({ ManifestError.input(FileError(path.text, "read it", $0)) }) {
            () throws(SystemError) in
            try DescriptorIO.bytes(of: descriptor, at: offset, count: count)
        }
    }

    /// Counted only where something is wrong with the line.
    private func number(ofLineAt offset: Int) throws(ManifestError) -> Int {
        let lines = try rewoundReader()
        while let line = try lines.next() {
            if line.offset >= offset { return line.number }
        }
        return 0
    }

    /// A regular file that is not compressed: the list itself, or a copy of it.
    private static func open(_ path: PathBytes) throws(ManifestError) -> Int32 {
        if FilePath.status(path)?.isRegularFile == true,
            Compression(head: try LineReader.head(of: path)) == nil
        {
            let descriptor = path.withCString { Glibc.open($0, O_RDONLY | O_CLOEXEC) }
            guard descriptor >= 0 else { throw .system(.unreadable, path.text, "open it") }
            return descriptor
        }
        let lines = try LineReader(path, expanding: true)
        let copy = try ManifestError.storing { () throws(FileError) in try AnonymousFile.open() }
        do throws(ManifestError) {
            var block: [UInt8] = []
            while true {
                let line = try lines.next()
                if let line { block += line.bytes + [0x0A] }
                if line == nil || block.count >= DescriptorIO.blockBytes {
                    try mapError({ ManifestError(FileError(path.text, "copy it", $0)) }) {
                        () throws(SystemError) in try DescriptorIO.write(block, to: copy)
                    }
                    block.removeAll(keepingCapacity: true)
                }
                if line == nil { break }
            }
        } catch {
            close(copy)
            throw error
        }
        lseek(copy, 0, SEEK_SET)
        return copy
    }

    /// FNV-1a; two keys of one hash are told apart by reading their lines.
    private static func hash(_ key: [UInt8]) -> UInt64 {
        key.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }
}

extension RandomAccessCollection where Index == Int {
    /// The first place whose element belongs to the second part.
    fileprivate func partitioningIndex(_ belongs: (Element) -> Bool) -> Int {
        var (low, high) = (startIndex, endIndex)
        while low < high {
            let middle = low + (high - low) / 2
            if belongs(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
