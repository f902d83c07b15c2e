internal import JobState
internal import SpeechTypes

/// How much one lease may still hold.
package struct LeaseBounds: Sendable {
    private let isIdle: Bool
    private let audioMax: Int
    private let rowsMax: Int
    private let bytesMax: Int
    private var audio = 0
    private var rows = 0
    private var bytes = 0

    /// - Parameter isIdle: the session has nothing, and so gets one row whatever its length.
    package init(isIdle: Bool, audioMax: Int, rowsMax: Int, bytesMax: Int) {
        self.isIdle = isIdle
        self.audioMax = audioMax
        self.rowsMax = rowsMax
        self.bytesMax = bytesMax
    }

    /// Whether another row fits; an idle session gets one row whatever its length.
    package func fits(_ ordinal: Int, _ lengths: RowLengths) -> Bool {
        guard rows < rowsMax else { return false }
        let isWithinAudio = audio + lengths[ordinal].workMilliseconds <= audioMax
        guard rows > 0 else { return isWithinAudio || isIdle }
        return isWithinAudio && bytes + lengths.rawBytes(of: ordinal) <= bytesMax
    }

    package mutating func add(_ ordinal: Int, _ lengths: RowLengths) {
        rows += 1
        audio += lengths[ordinal].workMilliseconds
        bytes += lengths.rawBytes(of: ordinal)
    }
}
