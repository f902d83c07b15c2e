internal import Files

/// Sorts any number of n-grams of one length in bounded memory: what does not fit goes to runs on
/// disk, which are merged as they are read.
final class NGramSorter {
    private let folder: String
    private let addsCounts: Bool
    private let memoryBytesMax: Int
    private var records: UnsafeMutableBufferPointer<NGramRecord>
    private var filled = 0
    private var file: RecordFile?
    private var runs: [Range<Int>] = []

    /// Sorting takes half of the records' memory beside them.
    private static let bytesOfRecord = MemoryLayout<NGramRecord>.stride * 3 / 2
    /// Buffers of runs while they are merged.
    private static let runBytes = 1 << 12...1 << 20

    /// - Parameters:
    ///   - folder: where runs are written, if there are any.
    ///   - addsCounts: equal n-grams become one, whose value is the sum of theirs.
    init(in folder: String, memoryBytesMax: Int, addsCounts: Bool = false) {
        self.folder = folder
        self.addsCounts = addsCounts
        self.memoryBytesMax = memoryBytesMax
        // Memory that is not touched is not taken.
        records = .allocate(capacity: max(1_024, memoryBytesMax / Self.bytesOfRecord))
    }

    deinit { records.deallocate() }

    /// - Throws: if a run cannot be written.
    func add(_ record: NGramRecord) throws(FileError) {
        if filled == records.count { try spill() }
        records.initializeElement(at: filled, to: record)
        filled += 1
    }

    /// Ends the adding.
    ///
    /// - Throws: if a run cannot be written.
    func sorted() throws(FileError) -> SortedNGrams {
        guard file != nil else {
            sort()
            return SortedNGrams(
                self, memory: UnsafeMutableBufferPointer(rebasing: records[..<filled]))
        }
        try spill()
        guard let file else { preconditionFailure("runs are in a file") }
        try file.flush()
        // What is in the file is not needed in memory.
        records.deallocate()
        records = UnsafeMutableBufferPointer(start: nil, count: 0)
        let bytes = memoryBytesMax / max(1, runs.count)
        let bufferBytes = min(max(bytes, Self.runBytes.lowerBound), Self.runBytes.upperBound)
        return try SortedNGrams(
            runs.map { SortedRun(RecordReader(file, $0, bufferBytes: bufferBytes)) },
            addsCounts: addsCounts)
    }

    private func sort() {
        var part = UnsafeMutableBufferPointer(rebasing: records[..<filled])
        part.sort { $0.precedes($1) }
        guard addsCounts, filled > 1 else { return }
        var last = 0
        for index in 1..<filled {
            if records[index].hasWords(of: records[last]) {
                records[last].value += records[index].value
            } else {
                last += 1
                records[last] = records[index]
            }
        }
        filled = last + 1
    }

    private func spill() throws(FileError) {
        guard filled > 0 else { return }
        sort()
        if file == nil { file = try RecordFile(in: folder) }
        guard let file else { return }
        let start = file.count
        try file.append(UnsafeMutableBufferPointer(rebasing: records[..<filled]))
        runs.append(start..<start + filled)
        filled = 0
    }
}

/// One of several sorted files, with its next record.
private final class SortedRun {
    private var reader: RecordReader
    private(set) var current = NGramRecord()

    init(_ reader: consuming RecordReader) { self.reader = reader }

    /// Moves to the next record; false at the end.
    func advance() throws(FileError) -> Bool {
        guard let next = try reader.next() else { return false }
        current = next
        return true
    }
}

/// N-grams in order, one after the other.
final class SortedNGrams {
    /// Owns the memory.
    private let sorter: NGramSorter?
    private let memory: UnsafeMutableBufferPointer<NGramRecord>
    private var position = 0
    /// Runs that have a record left, the least one first, as a heap.
    private var heap: [SortedRun] = []
    private let addsCounts: Bool

    fileprivate init(_ sorter: NGramSorter, memory: UnsafeMutableBufferPointer<NGramRecord>) {
        self.sorter = sorter
        self.memory = memory
        addsCounts = false
    }

    fileprivate init(_ runs: [SortedRun], addsCounts: Bool) throws(FileError) {
        sorter = nil
        memory = UnsafeMutableBufferPointer(start: nil, count: 0)
        self.addsCounts = addsCounts
        for run in runs where try run.advance() { heap.append(run) }
        for index in stride(from: heap.count / 2 - 1, through: 0, by: -1) { siftDown(index) }
    }

    /// The next n-gram; nil at the end.
    ///
    /// - Throws: if a run cannot be read.
    func next() throws(FileError) -> NGramRecord? {
        if sorter != nil {
            guard position < memory.count else { return nil }
            position += 1
            return memory[position - 1]
        }
        guard var record = heap.first?.current else { return nil }
        try advanceFirst()
        while addsCounts, let other = heap.first?.current, other.hasWords(of: record) {
            record.value += other.value
            try advanceFirst()
        }
        return record
    }

    private func advanceFirst() throws(FileError) {
        if try !heap[0].advance() {
            heap.swapAt(0, heap.count - 1)
            heap.removeLast()
        }
        siftDown(0)
    }

    private func siftDown(_ start: Int) {
        var index = start
        while true {
            var least = index
            for child in [2 * index + 1, 2 * index + 2]
            where child < heap.count && heap[child].current.precedes(heap[least].current) {
                least = child
            }
            if least == index { return }
            heap.swapAt(least, index)
            index = least
        }
    }
}
