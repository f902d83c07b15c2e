internal import Glibc

/// The bytes of a file, mapped read-only, so that all processes of a machine share them.
///
/// Pages enter memory when they are looked at and leave it by ``release(_:)``. A file that another
/// process cuts short while it is mapped ends this one (SIGBUS), as with every mapped reader: replace
/// such files by renaming.
package final class MappedFile: @unchecked Sendable {  // Immutable after init, and so shareable.
    /// All of the file; without a base address where it is empty.
    package let bytes: UnsafeRawBufferPointer

    /// - Throws: if the file's size cannot be told, or it cannot be mapped.
    package convenience init(_ file: OpenFile) throws(FileError) {
        guard let count = file.byteCount else { throw FileError(file.path, "examine it") }
        try self.init(file.descriptor, byteCount: count, path: file.path)
    }

    /// Maps the first bytes of a file that is open; the descriptor may be closed afterwards.
    ///
    /// - Parameter path: for messages.
    /// - Throws: if the file cannot be mapped.
    package init(_ descriptor: Int32, byteCount: Int, path: String) throws(FileError) {
        // The system maps no empty files.
        guard byteCount > 0 else {
            bytes = UnsafeRawBufferPointer(start: nil, count: 0)
            return
        }
        guard let base = mmap(nil, byteCount, PROT_READ, MAP_SHARED, descriptor, 0),
            base != MAP_FAILED
        else { throw FileError(path, "map it") }
        bytes = UnsafeRawBufferPointer(start: base, count: byteCount)
    }

    deinit {
        guard let base = bytes.baseAddress else { return }
        munmap(UnsafeMutableRawPointer(mutating: base), bytes.count)
    }

    /// Tells the kernel that `range` is wanted soon, so that a cold file is read ahead.
    package func prefetch(_ range: Range<Int>) { advise(range, MADV_WILLNEED) }

    /// Gives the pages of `range` back; they are read again if they are looked at again.
    package func release(_ range: Range<Int>) { advise(range, MADV_DONTNEED) }

    private func advise(_ range: Range<Int>, _ advice: Int32) {
        guard let base = bytes.baseAddress, !range.isEmpty else { return }
        let pageSize = sysconf(Int32(_SC_PAGESIZE))
        let start = range.lowerBound / pageSize * pageSize
        // Advice only: a kernel that refuses it changes nothing but memory use.
        _ = madvise(
            UnsafeMutableRawPointer(mutating: base + start), range.upperBound - start, advice)
    }
}
