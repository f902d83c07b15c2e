internal import Files

/// Bytes that stay where they are: a file that is mapped, so that all processes of a machine share it,
/// or memory.
final class ModelBytes: @unchecked Sendable {  // immutable once it is shared
    let bytes: UnsafeRawBufferPointer
    /// Nil for memory.
    private let file: MappedFile?

    /// - Throws: if the file cannot be mapped.
    init(mapping file: OpenFile) throws(FileError) {
        let mapped = try MappedFile(file)
        self.file = mapped
        bytes = mapped.bytes
    }

    /// Memory that `fill` writes; zero before.
    init(count: Int, fill: (UnsafeMutableRawBufferPointer) -> Void) {
        file = nil
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, count), alignment: 8)
        memory.initializeMemory(as: UInt8.self, repeating: 0)
        fill(memory)
        bytes = UnsafeRawBufferPointer(memory)
    }

    deinit { if file == nil { bytes.deallocate() } }
}
