internal import Files
internal import Glibc

/// Bytes that stay where they are: a file that is mapped, so that all processes of a machine share it,
/// or memory.
///
/// A file that another process cuts short while it is mapped ends this one (SIGBUS), as with every
/// mapped reader: replace models by renaming.
final class ModelBytes: @unchecked Sendable {  // immutable once it is shared
    let bytes: UnsafeRawBufferPointer
    private let isMapped: Bool

    /// - Throws: if the file cannot be mapped.
    init(mapping file: OpenFile) throws(FileError) {
        guard let count = file.byteCount else { throw FileError(file.path, "examine it") }
        isMapped = count > 0
        guard count > 0 else {
            bytes = UnsafeRawBufferPointer(start: nil, count: 0)
            return
        }
        guard let base = mmap(nil, count, PROT_READ, MAP_SHARED, file.descriptor, 0),
            base != MAP_FAILED
        else { throw FileError(file.path, "map it") }
        bytes = UnsafeRawBufferPointer(start: base, count: count)
    }

    /// Memory that `fill` writes; zero before.
    init(count: Int, fill: (UnsafeMutableRawBufferPointer) -> Void) {
        isMapped = false
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, count), alignment: 8)
        memory.initializeMemory(as: UInt8.self, repeating: 0)
        fill(memory)
        bytes = UnsafeRawBufferPointer(memory)
    }

    deinit {
        if isMapped {
            munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count)
        } else {
            bytes.deallocate()
        }
    }
}
