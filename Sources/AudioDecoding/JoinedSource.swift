package import AudioFormats

/// Several recordings in one file, one after the other, as one: what has another rate or other channels
/// than the first is brought to those of the first.
package final class JoinedSource: FrameSource {
    package let sampleRate: Int
    package let channelCount: Int
    package let declaredFrames: Int? = nil
    /// What one of the recordings states is not the length of all.
    package let statedSeconds: Double? = nil
    package let slackSeconds = 0.0

    private var current: any FrameSource
    private let nextPart: Part
    private var adapter: FormatAdapter
    private var block: [Float]
    private var pending: [Float] = []
    private var pendingStart = 0
    private var pastWarnings: [String] = []
    private var isAtEnd = false

    /// Opens the next part when the ones before it are read; nil if there is none.
    package typealias Part = () throws(AudioError) -> (any FrameSource)?

    private static let blockFrames = 4_096

    package init(_ first: any FrameSource, _ next: @escaping Part) {
        current = first
        nextPart = next
        sampleRate = first.sampleRate
        channelCount = first.channelCount
        adapter = FormatAdapter(sampleRate: first.sampleRate, channelCount: first.channelCount)
        block = [Float](repeating: 0, count: Self.blockFrames * first.channelCount)
    }

    package var warnings: [String] { pastWarnings + current.warnings }

    package let isSeekable = false

    package func seek(toFrame frame: Int) throws(AudioError) -> Int { 0 }

    package func finish() throws(AudioError) { try current.finish() }

    package func read(into buffer: UnsafeMutableBufferPointer<Float>) throws(AudioError) -> Int {
        while pending.count - pendingStart < channelCount, !isAtEnd { try decodeNext() }
        let taken = min(pending.count - pendingStart, buffer.count / channelCount * channelCount)
        for index in 0..<taken { buffer[index] = pending[pendingStart + index] }
        pendingStart += taken
        if pendingStart == pending.count {
            pending.removeAll(keepingCapacity: true)
            pendingStart = 0
        }
        return taken / channelCount
    }

    private func decodeNext() throws(AudioError) {
        let wanted = Self.blockFrames * current.channelCount
        if block.count < wanted { block = [Float](repeating: 0, count: wanted) }
        // A closure would lose the error's type, so the result carries it.
        let source = current
        let result = block.withUnsafeMutableBufferPointer { buffer -> Result<Int, AudioError> in
            do throws(AudioError) {
                return .success(try source.read(into: .init(rebasing: buffer[..<wanted])))
            } catch {
                return .failure(error)
            }
        }
        let frames = try result.get()
        if frames > 0 {
            block.withUnsafeBufferPointer { buffer in
                adapter.append(
                    .init(rebasing: buffer[..<(frames * source.channelCount)]),
                    sampleRate: source.sampleRate, channelCount: source.channelCount,
                    into: &pending)
            }
            return
        }
        if let opened = try nextPart() {
            pastWarnings += current.warnings
            current = opened
            return
        }
        adapter.finish(into: &pending)
        isAtEnd = true
    }
}
