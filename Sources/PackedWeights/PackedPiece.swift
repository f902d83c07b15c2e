/// Bytes that someone else keeps: read-only, and on a cache line of their own.
///
/// Whoever reads them keeps the owner.
// Unchecked: the bytes are written before a piece is made of them, and never after.
package struct PackedPiece: @unchecked Sendable {
    package let bytes: UnsafeRawBufferPointer
    package let owner: AnyObject

    /// What pieces begin at a multiple of, in bytes.
    package static let alignment = 64

    package init(bytes: UnsafeRawBufferPointer, owner: AnyObject) {
        self.bytes = bytes
        self.owner = owner
    }
}
