internal import CAllocator
package import Digests
internal import Files
internal import Glibc
package import PackedWeights
internal import SystemErrors
internal import Threading

/// Packed weights of models in files that all processes of a machine map, so that they hold them once.
///
/// A file is good for one model, arithmetic class, processor, library's file and program, which its name and its head
/// stand for. What is not whole is made anew. What cannot be read or written costs time, and is never an error.
package struct WeightCache: Sendable {
    /// How much is kept, and for how long.
    package struct Limits: Hashable, Sendable {
        /// Of all files together; larger weights are not kept.
        package var bytesMax = 16 << 30
        /// Since a file was last used.
        package var unusedSecondsMax = 30 * 24 * 3_600
        /// How long another process that writes is waited for.
        package var patienceMilliseconds = 30_000

        package init() {}
    }

    package let folder: WeightFolder
    /// Of the processor, the library's file and the program.
    private let machine: String
    private let tell: @Sendable (String) -> Void

    /// - Parameters:
    ///   - machine: what decides how weights are packed besides the arithmetic class: the processor, the library's
    ///     file, the program.
    ///   - tell: is told, in a line, why weights are not kept.
    package init(
        _ folder: WeightFolder, machine: String, tell: @escaping @Sendable (String) -> Void
    ) {
        self.folder = folder
        self.machine = machine
        self.tell = tell
    }

    /// What names the weights of a model in an arithmetic class on this machine.
    ///
    /// - Parameters:
    ///   - model: the digest of all that pieces are made of.
    ///   - arithmetic: the class in words.
    package func key(model: ContentDigest, arithmetic: String) -> ContentDigest {
        SHA256Hasher.digest(
            of: Array("packed weights 1\n\(model.hex)\n\(arithmetic)\n\(machine)".utf8))
    }

    /// A network whose pieces are mapped where that is possible, and its own where not.
    ///
    /// - Parameters:
    ///   - key: see ``key(model:arithmetic:)``.
    ///   - make: makes the network; called again where the first call recorded its pieces, which are in a file then.
    /// - Throws: what `make` does.
    package func network<Network, Failure: Error>(
        _ key: ContentDigest, make: (PackingLedger) throws(Failure) -> Network
    ) throws(Failure) -> Network {
        if let network = try mapped(key, make) { return network }
        do throws(FileError) {
            try folder.prepare()
        } catch {
            tell("packed weights are not kept, and each start makes them anew: \(error)")
            return try make(PackingLedger())
        }
        // What was recorded is freed before the file is mapped, and not kept by the allocator: a machine that has
        // memory for one worker has none for the weights twice.
        if let network = try recorded(key, make) { return network }
        scriptorium_allocator_trim()
        if let network = try mapped(key, make) { return network }
        return try make(PackingLedger())
    }

    /// - Returns: nil where there is no file, or none that is whole.
    private func mapped<Network, Failure: Error>(
        _ key: ContentDigest, _ make: (PackingLedger) throws(Failure) -> Network
    ) throws(Failure) -> Network? {
        let pieces: [PackedPiece]
        do throws(WeightFolder.Refusal) {
            guard let found = try folder.pieces(key) else { return nil }
            pieces = found
        } catch {
            tell("\(folder.path(key)): \(error); the packed weights are made anew")
            folder.remove(key)
            return nil
        }
        let ledger = PackingLedger(reading: pieces)
        let network = try make(ledger)
        guard ledger.isComplete else {
            tell(
                "\(folder.path(key)): it does not have the pieces of this model; the packed weights are made anew"
            )
            folder.remove(key)
            return nil
        }
        return network
    }

    /// - Returns: nil where what was recorded is in a file now.
    private func recorded<Network, Failure: Error>(
        _ key: ContentDigest, _ make: (PackingLedger) throws(Failure) -> Network
    ) throws(Failure) -> Network? {
        let ledger = PackingLedger.recording()
        let network = try make(ledger)
        do throws(FileError) {
            if let reason = try folder.store(ledger.recorded, key) {
                tell("packed weights are not kept, and each start makes them anew: \(reason)")
                return network
            }
            return nil
        } catch {
            tell("packed weights are not kept, and each start makes them anew: \(error)")
            return network
        }
    }
}
