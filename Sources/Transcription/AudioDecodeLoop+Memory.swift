internal import Batching
internal import SpeechTypes

/// What a row may hold until it ends: refused, or taken from what one row at a time may have.
extension AudioDecodeLoop {
    /// Whether the row may hold so much; if not, it has failed.
    ///
    /// - Parameter samples: of each lane, that wait for a window.
    /// - Parameter hasClaim: the row has the memory that one row at a time may have.
    func mayHold(
        _ samples: Int, lanes: Int, _ assembly: RowAssembly, _ thread: WatchedThread,
        _ hasClaim: inout Bool
    ) -> Bool {
        let bytes = memory.bytes(frames: recipe.clock.frames(ofSamples: samples), lanes: lanes)
        if let refusal = memory.refusal(of: bytes) {
            assembly.fail(.memory, .quarantinedMemory, refusal)
            return false
        }
        if bytes > 0 { claim(assembly, thread, &hasClaim) }
        return true
    }

    /// Whether the row may keep so many bytes of its log-probabilities until it ends; if not, it has
    /// failed.
    func mayKeep(
        _ bytes: Int, _ assembly: RowAssembly, _ thread: WatchedThread, _ hasClaim: inout Bool
    ) -> Bool {
        // Arrays that grow are there twice for a moment.
        let beyond = 2 * bytes - RowMemory.keptBytesOfRow
        guard beyond > 0 else { return true }
        if let refusal = memory.refusal(ofKept: beyond) {
            assembly.fail(.memory, .quarantinedMemory, refusal)
            return false
        }
        claim(assembly, thread, &hasClaim)
        return true
    }

    /// Takes the memory that one row at a time may have for the times of so many frames, where they are hours.
    ///
    /// They are no reason to refuse the row: its record is what is wanted, whatever is left for it.
    ///
    /// - Parameter frames: of all lanes.
    func keepTimes(
        of frames: Int, _ assembly: RowAssembly, _ thread: WatchedThread, _ hasClaim: inout Bool
    ) {
        guard recipe.bytesOfTimes(frames: frames) > RowMemory.timesBytesOfRow else { return }
        claim(assembly, thread, &hasClaim)
    }

    /// Waits for the memory that one row at a time may have, unless the row has it.
    private func claim(
        _ assembly: RowAssembly, _ thread: WatchedThread, _ hasClaim: inout Bool
    ) {
        if !hasClaim {
            // Nothing comes from here until the row before is done, which is no fault of the audio's.
            thread.waiting {
                queue.producerRests()
                assembly.keep(memory.claim())
                queue.producerBegins()
            }
            hasClaim = true
        }
    }
}
