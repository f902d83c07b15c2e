internal import Glibc
package import SystemErrors

/// Reads and writes of descriptors: taken up again after a signal, and until all is done.
package enum DescriptorIO {
    /// Blocks in which a whole file is read.
    package static let blockBytes = 1 << 20

    /// Reads what comes next, at least one byte; 0 at the end.
    ///
    /// - Throws: what the system reports.
    package static func read(
        _ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer
    ) throws(SystemError) -> Int {
        while true {
            let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            if count >= 0 { return count }
            guard errno == EINTR else { throw .last }
        }
    }

    /// Reads the bytes from `offset` on: as many as there are up to `count`.
    ///
    /// - Parameter onRead: called after each read that gave something.
    /// - Throws: what the system reports.
    package static func bytes(
        of descriptor: Int32, at offset: Int, count: Int, onRead: () -> Void = {}
    ) throws(SystemError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let got = bytes.withUnsafeMutableBytes { buffer in
                pread(
                    descriptor, buffer.baseAddress.map { $0 + filled }, count - filled,
                    off_t(offset + filled))
            }
            if got < 0, errno == EINTR { continue }
            guard got >= 0 else { throw .last }
            if got == 0 { break }
            filled += got
            onRead()
        }
        bytes.removeLast(count - filled)
        return bytes
    }

    /// Reads the bytes from `offset` on into a buffer: as many as there are, up to its size.
    ///
    /// - Throws: what the system reports.
    package static func read(
        _ descriptor: Int32, at offset: Int, into buffer: UnsafeMutableRawBufferPointer
    ) throws(SystemError) -> Int {
        var filled = 0
        while filled < buffer.count {
            let got = pread(
                descriptor, buffer.baseAddress.map { $0 + filled }, buffer.count - filled,
                off_t(offset + filled))
            if got < 0, errno == EINTR { continue }
            guard got >= 0 else { throw .last }
            if got == 0 { break }
            filled += got
        }
        return filled
    }

    /// Calls `body` with what comes up to the end, block after block.
    ///
    /// - Throws: what the system reports.
    package static func forEachBlock(
        of descriptor: Int32, _ body: (UnsafeRawBufferPointer) -> Void
    ) throws(SystemError) {
        var block = [UInt8](repeating: 0, count: blockBytes)
        while true {
            let result = block.withUnsafeMutableBytes { buffer in
                Result { () throws(SystemError) in try read(descriptor, into: buffer) }
            }
            let count = try result.get()
            if count == 0 { return }
            block.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
        }
    }

    /// All that comes up to the end; nil if it is more than `bytesMax`.
    ///
    /// - Throws: what the system reports.
    package static func contents(
        of descriptor: Int32, bytesMax: Int
    ) throws(SystemError) -> [UInt8]? {
        var bytes: [UInt8] = []
        var block = [UInt8](repeating: 0, count: min(bytesMax + 1, 1 << 16))
        while bytes.count <= bytesMax {
            let result = block.withUnsafeMutableBytes { buffer in
                Result { () throws(SystemError) in try read(descriptor, into: buffer) }
            }
            let count = try result.get()
            if count == 0 { return bytes }
            bytes += block[..<count]
        }
        return nil
    }

    /// Writes all bytes.
    ///
    /// - Throws: what the system reports; some of the bytes may be written then.
    package static func write(
        _ bytes: UnsafeRawBufferPointer, to descriptor: Int32
    ) throws(SystemError) {
        var start = 0
        while start < bytes.count {
            let count = Glibc.write(
                descriptor, bytes.baseAddress.map { $0 + start }, bytes.count - start)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .last }
            start += count
        }
    }

    /// Writes all bytes.
    ///
    /// - Throws: what the system reports; some of the bytes may be written then.
    package static func write(_ bytes: [UInt8], to descriptor: Int32) throws(SystemError) {
        let result = bytes.withUnsafeBytes { buffer in
            Result { () throws(SystemError) in try write(buffer, to: descriptor) }
        }
        try result.get()
    }
}
