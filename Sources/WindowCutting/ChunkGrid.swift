package import SpeechTypes

/// Cuts a stream of samples into the windows that the model computes.
///
/// Audio of at most ``FrameClock/onePassFrames`` is one window. Longer audio lies on a fixed grid:
/// at 20 ms chunk c owns frames [1500 c, 1500 (c + 1)) and is computed with 120 frames of context on each
/// side, which are discarded. The grid depends on nothing but the sample's position, so windows
/// can be computed anywhere and in any order.
package struct ChunkGrid: Sendable {
    /// A window: samples to compute, and which of its frames count.
    package struct Window: Sendable, Equatable {
        /// Position among the windows of the recording, from 0.
        package var index: Int
        package var samples: [Float]
        /// Leading frames that are context.
        package var framesToDrop: Int
        /// Frames after those that count; the rest is context.
        package var framesToKeep: Int
        /// Frames between those that the window before owns, or the recording's start, and those of this
        /// one: no window has them.
        package var framesSkipped = 0

        package init(
            index: Int, samples: [Float], framesToDrop: Int, framesToKeep: Int,
            framesSkipped: Int = 0
        ) {
            self.index = index
            self.samples = samples
            self.framesToDrop = framesToDrop
            self.framesToKeep = framesToKeep
            self.framesSkipped = framesSkipped
        }
    }

    /// Samples that wait for a window at most, and some more: a buffer that never grows is never
    /// copied.
    private var samplesHeldMax: Int {
        clock.samples(ofFrames: clock.onePassFrames + 1) + (1 << 15)
    }

    private let chunking: RecognitionOptions.Chunking
    private let clock: FrameClock
    private var buffer: [Float] = []
    /// The sample of the recording that `buffer` begins with.
    private var bufferStart = 0
    private var nextIndex = 0

    package init(_ chunking: RecognitionOptions.Chunking, clock: FrameClock = .wav2vec2) {
        self.chunking = chunking
        self.clock = clock
    }

    /// Samples held until a window can be cut; bounded unless chunking is off.
    package var pendingSamples: Int { buffer.count }

    /// The first frame that may be of a window to come.
    package var firstFrameNeeded: Int { bufferStart / clock.samplesPerFrame }

    /// Takes the next samples and gives the windows that are certain by now.
    package mutating func append(_ samples: some Collection<Float>) -> [Window] {
        if buffer.capacity == 0, chunking == .grid { buffer.reserveCapacity(samplesHeldMax) }
        buffer.append(contentsOf: samples)
        guard chunking == .grid else { return [] }
        var windows: [Window] = []
        while let window = nextInnerWindow() { windows.append(window) }
        return windows
    }

    /// Ends the recording and gives the windows that remain: one for any audio shorter than a pass.
    package mutating func finish() -> [Window] {
        defer { buffer = [] }
        let total = clock.frames(ofSamples: bufferStart + buffer.count)
        if nextIndex == 0, chunking == .off || total <= clock.onePassFrames {
            return [Window(index: 0, samples: buffer, framesToDrop: 0, framesToKeep: total)]
        }
        var windows: [Window] = []
        while nextIndex * clock.chunkFrames < total {
            let owned = nextIndex * clock.chunkFrames
            let ownedEnd = min(owned + clock.chunkFrames, total)
            let first = max(0, owned - clock.contextFrames)
            let end = min(ownedEnd + clock.contextFrames, total)
            windows.append(window(from: first, to: end, owned: owned..<ownedEnd))
            nextIndex += 1
        }
        return windows
    }

    /// The next window that is full whatever follows, if the samples for it are here.
    private mutating func nextInnerWindow() -> Window? {
        let owned = nextIndex * clock.chunkFrames
        let ownedEnd = owned + clock.chunkFrames
        let end = ownedEnd + clock.contextFrames
        // The first window of a long recording is certain only when one pass cannot hold it.
        let needed = nextIndex == 0 ? clock.onePassFrames + 1 : end
        guard clock.frames(ofSamples: bufferStart + buffer.count) >= max(needed, end) else {
            return nil
        }
        let first = max(0, owned - clock.contextFrames)
        let cut = window(from: first, to: end, owned: owned..<ownedEnd)
        nextIndex += 1
        let nextFirst = ownedEnd - clock.contextFrames
        let drop = nextFirst * clock.samplesPerFrame - bufferStart
        buffer.removeFirst(drop)
        bufferStart += drop
        return cut
    }

    private func window(from first: Int, to end: Int, owned: Range<Int>) -> Window {
        let start = first * clock.samplesPerFrame - bufferStart
        let count = clock.samples(ofFrames: end - first)
        return Window(
            index: nextIndex, samples: Array(buffer[start..<start + count]),
            framesToDrop: owned.lowerBound - first, framesToKeep: owned.count)
    }
}
