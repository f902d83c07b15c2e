internal import Files
internal import Glibc
internal import SystemErrors

/// Sorts any number of entries by their keys in bounded memory: what does not fit goes to runs in a
/// file without a name, which are merged at the end.
///
/// Keys are compared as bytes. Equal keys keep no order, so callers put a number at their end.
package final class ExternalSort {
    private struct Entry {
        /// The first eight bytes of the key, which decide most comparisons.
        let prefix: UInt64
        let start: Int
        let keyCount: Int32
        let count: Int32
    }

    private let folder: String
    private let memoryBytesMax: Int
    private var bytes: [UInt8] = []
    private var entries: [Entry] = []
    private var runs: [SortRun] = []

    /// Half of it is for entries, as the array of them grows by copying.
    package static let memoryBytesMax = 64 << 20
    /// More runs than this are merged into one first, so that buffers and descriptors stay few.
    private static let runsMax = 128

    /// - Parameter folder: where runs are written, if there are any.
    package init(in folder: String, memoryBytesMax: Int = ExternalSort.memoryBytesMax) {
        self.folder = folder
        self.memoryBytesMax = memoryBytesMax
    }

    /// Takes an entry.
    ///
    /// - Throws: if a run cannot be written.
    package func add(key: [UInt8], _ payload: [UInt8]) throws(ExportError) {
        let prefix = key.prefix(8).enumerated().reduce(0 as UInt64) { prefix, byte in
            prefix | UInt64(byte.element) << UInt64(56 - 8 * byte.offset)
        }
        entries.append(
            Entry(
                prefix: prefix, start: bytes.count, keyCount: Int32(key.count),
                count: Int32(key.count + payload.count)))
        bytes += key
        bytes += payload
        if bytes.count + entries.count * MemoryLayout<Entry>.stride > memoryBytesMax {
            try spill()
        }
    }

    /// Calls `body` with the key and payload of every entry, in the order of the keys.
    ///
    /// - Throws: if a run cannot be written or read, or what `body` throws.
    package func forEach(
        _ body: (_ key: UnsafeRawBufferPointer, _ payload: UnsafeRawBufferPointer)
            throws(ExportError) -> Void
    ) throws(ExportError) {
        if runs.isEmpty {
            sort()
            try forEachInMemory(body)
        } else {
            try spill()
            try merge(body)
        }
    }

    private func sort() {
        bytes.withUnsafeBytes { bytes in
            entries.sort { left, right in
                if left.prefix != right.prefix { return left.prefix < right.prefix }
                return Self.precedes(
                    UnsafeRawBufferPointer(
                        rebasing: bytes[left.start..<left.start + Int(left.keyCount)]),
                    UnsafeRawBufferPointer(
                        rebasing: bytes[right.start..<right.start + Int(right.keyCount)]))
            }
        }
    }

    static func precedes(
        _ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer
    ) -> Bool {
        let common = min(left.count, right.count)
        let order =
            common == 0
            ? 0
            : memcmp(
                left.baseAddress.unsafelyUnwrapped, right.baseAddress.unsafelyUnwrapped, common)
        return order != 0 ? order < 0 : left.count < right.count
    }

    private func forEachInMemory(
        _ body: (UnsafeRawBufferPointer, UnsafeRawBufferPointer) throws(ExportError) -> Void
    ) throws(ExportError) {
        let result = bytes.withUnsafeBytes { bytes in
            Result { () throws(ExportError) in
                for entry in entries {
                    let middle = entry.start + Int(entry.keyCount)
                    try body(
                        UnsafeRawBufferPointer(rebasing: bytes[entry.start..<middle]),
                        UnsafeRawBufferPointer(
                            rebasing: bytes[middle..<entry.start + Int(entry.count)]))
                }
            }
        }
        try result.get()
    }

    private func spill() throws(ExportError) {
        guard !entries.isEmpty else { return }
        sort()
        let run = try SortRun(in: folder)
        try forEachInMemory { key, payload throws(ExportError) in try run.append(key, payload) }
        try run.finish()
        runs.append(run)
        entries.removeAll(keepingCapacity: true)
        bytes.removeAll(keepingCapacity: true)
        if runs.count >= Self.runsMax {
            let merged = try SortRun(in: folder)
            try merge { key, payload throws(ExportError) in try merged.append(key, payload) }
            try merged.finish()
            runs = [merged]
        }
    }

    /// Always hands out the least of the runs' next entries.
    private func merge(
        _ body: (UnsafeRawBufferPointer, UnsafeRawBufferPointer) throws(ExportError) -> Void
    ) throws(ExportError) {
        var heap: [SortRun] = []
        for run in runs where try run.advance() { heap.append(run) }
        for index in stride(from: heap.count / 2 - 1, through: 0, by: -1) {
            Self.siftDown(&heap, index)
        }
        while let least = heap.first {
            try least.withEntry(body)
            if try !least.advance() {
                heap.swapAt(0, heap.count - 1)
                heap.removeLast()
            }
            Self.siftDown(&heap, 0)
        }
        runs = []
    }

    private static func siftDown(_ heap: inout [SortRun], _ start: Int) {
        var index = start
        while true {
            var least = index
            for child in [2 * index + 1, 2 * index + 2]
            where child < heap.count && heap[child].precedes(heap[least]) {
                least = child
            }
            if least == index { return }
            heap.swapAt(least, index)
            index = least
        }
    }
}

/// Sorted entries in a file that has no name, so that nothing of it is left whatever happens.
private final class SortRun {
    private let folder: String
    private let descriptor: Int32
    private var buffer: [UInt8] = []
    /// Where in the buffer the next entry begins, once the run is read.
    private var position = 0
    private var key = 0..<0
    private var payload = 0..<0

    private static let bufferBytes = 1 << 18

    init(in folder: String) throws(ExportError) {
        self.folder = folder
        let path = AtomicFile.uniquePartPath(of: folder + "/sort")
        descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw ExportError(.storage, FileError(folder, "write a temporary file in it"))
        }
        unlink(path)
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    func append(
        _ key: UnsafeRawBufferPointer, _ payload: UnsafeRawBufferPointer
    ) throws(ExportError) {
        for count in [key.count, payload.count] {
            withUnsafeBytes(of: UInt32(count)) { buffer += $0 }
        }
        buffer += key
        buffer += payload
        if buffer.count >= Self.bufferBytes { try flush() }
    }

    /// Ends the writing; reading begins.
    func finish() throws(ExportError) {
        try flush()
        guard lseek(descriptor, 0, SEEK_SET) == 0 else {
            throw ExportError(.storage, FileError(folder, "read a temporary file in it"))
        }
    }

    /// Moves to the next entry; false at the end.
    func advance() throws(ExportError) -> Bool {
        guard try fill(8) else { return false }
        let (keyCount, payloadCount) = buffer.withUnsafeBytes { bytes in
            (
                Int(bytes.loadUnaligned(fromByteOffset: position, as: UInt32.self)),
                Int(bytes.loadUnaligned(fromByteOffset: position + 4, as: UInt32.self))
            )
        }
        guard try fill(8 + keyCount + payloadCount) else {
            throw ExportError(.storage, "\(folder): a temporary file in it lost its end")
        }
        key = position + 8..<position + 8 + keyCount
        payload = key.upperBound..<key.upperBound + payloadCount
        position = payload.upperBound
        return true
    }

    func withEntry(
        _ body: (UnsafeRawBufferPointer, UnsafeRawBufferPointer) throws(ExportError) -> Void
    ) throws(ExportError) {
        let result = buffer.withUnsafeBytes { bytes in
            Result { () throws(ExportError) in
                try body(
                    UnsafeRawBufferPointer(rebasing: bytes[key]),
                    UnsafeRawBufferPointer(rebasing: bytes[payload]))
            }
        }
        try result.get()
    }

    func precedes(_ other: SortRun) -> Bool {
        buffer.withUnsafeBytes { left in
            other.buffer.withUnsafeBytes { right in
                ExternalSort.precedes(
                    UnsafeRawBufferPointer(rebasing: left[key]),
                    UnsafeRawBufferPointer(rebasing: right[other.key]))
            }
        }
    }

    private func flush() throws(ExportError) {
        do throws(SystemError) {
            try DescriptorIO.write(buffer, to: descriptor)
        } catch {
            throw ExportError(.storage, FileError(folder, "write a temporary file in it", error))
        }
        buffer.removeAll(keepingCapacity: true)
    }

    /// Makes `count` bytes available from ``position`` on; false if there are fewer.
    private func fill(_ count: Int) throws(ExportError) -> Bool {
        while buffer.count - position < count {
            buffer.removeFirst(position)
            position = 0
            let kept = buffer.count
            let wanted = max(Self.bufferBytes, count - kept)
            buffer.append(contentsOf: repeatElement(0, count: wanted))
            let result = buffer.withUnsafeMutableBytes { bytes in
                Result { () throws(SystemError) in
                    try DescriptorIO.read(
                        descriptor,
                        into: UnsafeMutableRawBufferPointer(rebasing: bytes[kept...]))
                }
            }
            do throws(SystemError) {
                let got = try result.get()
                buffer.removeLast(wanted - got)
                if got == 0 { return false }
            } catch {
                throw ExportError(
                    .unreadable, FileError(folder, "read a temporary file in it", error))
            }
        }
        return true
    }
}
