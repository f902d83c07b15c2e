/// The bytes that a compressed file holds, as they are asked for.
///
/// Memory is bounded: by 64 KiB of input and by what the format may refer back to (gzip 32 KiB,
/// zstd 128 MiB). What comes out is bounded too: a list is not expanded to more than
/// ``ratioMax`` times of what was read and ``freeBytes``, whatever its author intended.
package final class ExpandedBytes<SourceError: Error> {
    /// Fills the buffer with the compressed bytes that come next, at least one; 0 at the end.
    package typealias Source =
        (UnsafeMutableRawBufferPointer) throws(SourceError) -> Int

    /// Why nothing more comes.
    package enum Failure: Error {
        case source(SourceError)
        case compressed(DecompressionFault)
    }

    private let decompressor: any Decompressor
    private let source: Source
    private var input: [UInt8]
    private var position = 0
    private var end = 0
    private var isBetweenMembers = false
    /// The decoder had no room for all that it could give.
    private var mayHoldMore = false
    private var consumedCount = 0
    private var producedCount = 0

    private static var inputBytes: Int { 1 << 16 }
    /// Deflate reaches 1,032; real lists of rows stay below 100.
    package static var ratioMax: Int { 1_100 }
    /// Small files may expand to this much whatever their size.
    package static var freeBytes: Int { 1 << 26 }

    /// - Parameter head: compressed bytes that were read already.
    /// - Throws: if the library cannot be started.
    package init(
        _ compression: Compression, head: some Collection<UInt8>, source: @escaping Source
    ) throws(DecompressionFault) {
        switch compression {
        case .gzip: decompressor = try GzipDecompressor()
        case .zstd: decompressor = try ZstdDecompressor()
        }
        self.source = source
        input = Array(head)
        end = input.count
        input += [UInt8](repeating: 0, count: max(0, Self.inputBytes - input.count))
    }

    /// Bytes that are deflated without a header (RFC 1951), as members of zip archives are.
    ///
    /// - Throws: if the library cannot be started.
    package init(deflated source: @escaping Source) throws(DecompressionFault) {
        decompressor = try GzipDecompressor(isBare: true)
        self.source = source
        input = [UInt8](repeating: 0, count: Self.inputBytes)
    }

    /// Fills `output` with what comes next, at least one byte; 0 at the end.
    ///
    /// - Precondition: `output` has room.
    /// - Throws: if the source fails, or the data is damaged, cut short or grows beyond the limit.
    package func read(into output: UnsafeMutableRawBufferPointer) throws(Failure) -> Int {
        while true {
            if position == end, !mayHoldMore {
                let got = try fill()
                guard got > 0 else {
                    guard isBetweenMembers else { throw .compressed(.cut) }
                    return 0
                }
            }
            let hadInput = position < end
            let step = try step(into: output)
            mayHoldMore = step.produced == output.count && !step.isBetweenMembers
            guard step.consumed > 0 || step.produced > 0 else {
                guard !hadInput else {
                    throw .compressed(DecompressionFault("the compressed data leads nowhere"))
                }
                continue
            }
            position += step.consumed
            consumedCount += step.consumed
            producedCount += step.produced
            isBetweenMembers = step.isBetweenMembers
            guard producedCount <= Self.freeBytes + consumedCount * Self.ratioMax else {
                throw .compressed(
                    DecompressionFault(
                        "it expands to more than \(Self.ratioMax) times its size, as no list of rows "
                            + "does; if it is one, unpack it first"))
            }
            if step.produced > 0 { return step.produced }
        }
    }

    private func fill() throws(Failure) -> Int {
        let source = source
        let result = input.withUnsafeMutableBytes { buffer in
            Result { () throws(SourceError) in try source(buffer) }
        }
        position = 0
        switch result {
        case .success(let count): end = count
        case .failure(let error): throw .source(error)
        }
        return end
    }

    private func step(
        into output: UnsafeMutableRawBufferPointer
    ) throws(Failure) -> DecompressionStep {
        let (decompressor, range) = (decompressor, position..<end)
        let result = input.withUnsafeBytes { bytes in
            Result { () throws(DecompressionFault) in
                try decompressor.step(UnsafeRawBufferPointer(rebasing: bytes[range]), output)
            }
        }
        switch result {
        case .success(let step): return step
        case .failure(let fault): throw .compressed(fault)
        }
    }
}
