internal import LanguageModels
internal import SpeechTypes

/// Searches the readings of one lane: prefixes of the text, each with the probability of all ways through
/// the frames that give it, and with what a language model says (Hannun et al., 2014, "First-Pass Large
/// Vocabulary Continuous Speech Recognition using Bi-Directional Recurrent DNNs").
///
/// A prefix whose last frame was blank, and one whose last frame was its last symbol, are two beams: the
/// next frame means different things to them. Beams are kept in the order of their scores; where scores
/// are equal, in the order of classes, and then in that of the frame before.
///
/// Unchecked, because one thread at a time uses a decoder and all that it has.
final class BeamSearch: @unchecked Sendable {
    /// A beginning of the text, and one way through the frames that gives it.
    struct Beam: BitwiseCopyable {
        /// Log-probability of all ways that were merged.
        var acoustic = 0.0
        var node: Int32 = 0
        /// The class of the last frame, the first one of those with its text.
        var last: Int32
        /// The last symbol whose frames have ended.
        var history: Int32 = -1
        /// The symbol whose frames may go on; -1 for none.
        var open: Int32 = -1
        var openStart: Int32 = 0
        var openEnd: Int32 = 0
        /// Least confidence of its frames.
        var openConfidence: Float = 1
        /// Where ``open`` stands when it has ended in this frame; -1 where it has not.
        var closed: Int32 = -1
        /// Sum of the log-probabilities of its frames.
        var openSum = 0.0
        /// The word of a lexicon that ends with ``open``; -1 for none.
        var openWord: Int32 = -1
    }

    /// What a beam and a class make.
    struct Candidate: BitwiseCopyable {
        var acoustic: Double
        /// Of the way that is kept of those that were merged.
        var best: Double
        var node: Int32
        var last: Int32
        var index: Int32
        /// The beam that it prolongs.
        var source: Int32
        /// The next candidate with the same prefix; -1 for none.
        var next: Int32
    }

    struct Ranked: BitwiseCopyable {
        var score: Double
        var candidate: Int32
    }

    let model: BeamModel
    let tree: PrefixTree
    let history = SymbolHistory()
    private(set) var beams = Pool<Beam>(capacity: 1)
    private var nextBeams = Pool<Beam>(capacity: 1)
    let candidates = Pool<Candidate>(capacity: 256)
    let ranked = Pool<Ranked>(capacity: 256)
    let scratch = Pool<Ranked>(capacity: 256)
    let logs: Pool<Double>
    let active: Pool<Int32>
    private let numbers = Pool<Int32>(capacity: 1)
    private var hashes: Set<HistoryKey> = []
    private let frameConfidence: FrameConfidence
    /// Frames that were read.
    private(set) var frames: Int32 = 0
    /// Nodes and symbols beyond these numbers are looked through for what is needed.
    private var nodesMax = 1 << 12
    private var symbolsMax = 1 << 12

    /// Symbols that beams may hold apart: 6 MB.
    private static let heldSymbolsMax = 1 << 18

    init(_ model: BeamModel) {
        self.model = model
        tree = PrefixTree(model)
        let classes = model.vocabulary.symbols.count
        logs = Pool(capacity: classes)
        active = Pool(capacity: classes)
        frameConfidence = FrameConfidence(classes: classes)
        beams.append(Beam(last: model.firstClasses[model.vocabulary.blank]))
    }

    /// Reads the log-probabilities of one frame.
    func append(_ frame: UnsafeBufferPointer<Float>) {
        normalize(frame)
        candidates.count = 0
        let most = beams.count * active.count * model.branchesMax
        candidates.reserve(most)
        tree.reserve(most)
        if let lexicon = model.lexicon { expand(by: lexicon) } else { expand() }
        rank()
        keep(frame)
        frames += 1
        if tree.nodes.count > nodesMax || history.entries.count > symbolsMax { compact() }
    }

    // MARK: One frame

    /// Prolongs each beam by each class that is tried.
    private func expand() {
        let count = beams.count
        let beams = beams.base
        for position in 0..<active.count {
            let index = active.base[position]
            let log = logs.base[Int(index)]
            let last = model.firstClasses[Int(index)]
            let isBlank = Int(index) == model.vocabulary.blank
            for source in 0..<count {
                let node =
                    isBlank || beams[source].last == last
                    ? beams[source].node : tree.extend(beams[source].node, by: Int(index))
                add(
                    Candidate(
                        acoustic: beams[source].acoustic + log, best: beams[source].acoustic + log,
                        node: node, last: last, index: index, source: Int32(source), next: -1))
            }
        }
    }

    /// Adds a candidate, or its probability to an equal one.
    @inline(__always)
    func add(_ candidate: Candidate) {
        let node = tree.nodes.base + Int(candidate.node)
        var candidate = candidate
        if node.pointee.stamp == frames {
            var other = node.pointee.candidate
            while other >= 0 {
                let known = candidates.base + Int(other)
                if known.pointee.last == candidate.last {
                    return merge(candidate, into: known)
                }
                other = known.pointee.next
            }
            candidate.next = node.pointee.candidate
        }
        node.pointee.stamp = frames
        node.pointee.candidate = Int32(candidates.count)
        candidates.append(candidate)
    }

    @inline(__always)
    private func merge(_ candidate: Candidate, into known: UnsafeMutablePointer<Candidate>) {
        known.pointee.acoustic =
            model.settings.addsWays
            ? LogArithmetic.add(known.pointee.acoustic, candidate.acoustic)
            : max(known.pointee.acoustic, candidate.acoustic)
        // The way that is kept tells the times: the most probable one, or the reference's last.
        if model.keepsLastWay || candidate.best > known.pointee.best {
            known.pointee.best = candidate.best
            known.pointee.index = candidate.index
            known.pointee.source = candidate.source
        }
    }

    /// The best candidates to ``ranked``, best first.
    private func rank() {
        let count = candidates.count
        ranked.count = 0
        ranked.reserve(count)
        var best = -Double.infinity
        for position in 0..<count {
            let candidate = candidates.base + position
            let score =
                candidate.pointee.acoustic + tree.nodes.base[Int(candidate.pointee.node)].total
            best = max(best, score)
            ranked.append(Ranked(score: score, candidate: Int32(position)))
        }
        if let prune = model.settings.pruneLog {
            let least = best + prune
            var kept = 0
            for position in 0..<count where ranked.base[position].score >= least {
                ranked.base[kept] = ranked.base[position]
                kept += 1
            }
            ranked.count = kept
        }
        Ranking.sort(ranked, keeping: model.settings.width, scratch: scratch)
    }

    /// Makes beams of the candidates that were ranked.
    private func keep(_ frame: UnsafeBufferPointer<Float>) {
        let confidence =
            active.count == 1 && Int(active.base[0]) == model.vocabulary.blank
            ? 1 : frameConfidence(frame)
        let blank = Int32(model.vocabulary.blank)
        nextBeams.count = 0
        nextBeams.reserve(ranked.count)
        history.entries.reserve(beams.count)
        for position in 0..<ranked.count {
            let candidate = candidates.base[Int(ranked.base[position].candidate)]
            let source = beams.base + Int(candidate.source)
            var beam = source.pointee
            beam.acoustic = candidate.acoustic
            beam.node = candidate.node
            beam.last = candidate.last
            beam.closed = -1
            if candidate.index != blank {
                let log = Double(frame[Int(candidate.index)])
                if source.pointee.last == candidate.last, source.pointee.open >= 0 {
                    beam.openSum += log
                    beam.openEnd = frames + 1
                    beam.openConfidence = min(beam.openConfidence, confidence)
                } else {
                    beam.history = close(source)
                    beam.open = candidate.index
                    beam.openStart = frames
                    beam.openEnd = frames + 1
                    beam.openSum = log
                    beam.openConfidence = confidence
                    beam.openWord =
                        candidate.node == source.pointee.node
                        ? -1 : tree.nodes.base[Int(candidate.node)].word
                }
            }
            nextBeams.append(beam)
        }
        if model.settings.prunesHistory { pruneHistory() }
        swap(&beams, &nextBeams)
    }

    /// Writes the open symbol of a beam, once for all that go on from there.
    ///
    /// - Precondition: there is room for one more entry for each beam.
    private func close(_ beam: UnsafeMutablePointer<Beam>) -> Int32 {
        guard beam.pointee.open >= 0 else { return beam.pointee.history }
        if beam.pointee.closed < 0 {
            beam.pointee.closed = Int32(history.entries.count)
            history.entries.append(entry(of: beam.pointee))
        }
        return beam.pointee.closed
    }

    func entry(of beam: Beam) -> SymbolHistory.Entry {
        SymbolHistory.Entry(
            parent: beam.history, index: beam.open, start: beam.openStart, end: beam.openEnd,
            score: Float(beam.openSum / Double(beam.openEnd - beam.openStart)),
            confidence: beam.openConfidence, word: beam.openWord)
    }

    private struct HistoryKey: Hashable {
        let hash: UInt64
        let last: Int32
    }

    /// Keeps the first of the new beams with the same last words.
    private func pruneHistory() {
        hashes.removeAll(keepingCapacity: true)
        var kept = 0
        for position in 0..<nextBeams.count {
            let beam = nextBeams.base[position]
            let key = HistoryKey(hash: tree.historyHash(beam.node), last: beam.last)
            guard hashes.insert(key).inserted else { continue }
            nextBeams.base[kept] = beam
            kept += 1
        }
        nextBeams.count = kept
    }

    // MARK: What is held

    /// Forgets prefixes and symbols that no beam needs; when it is done depends on the frames alone.
    private func compact() {
        numbers.count = 0
        numbers.reserve(beams.count)
        for beam in 0..<beams.count { numbers.append(beams.base[beam].node) }
        let live = UnsafeMutableBufferPointer(start: numbers.base, count: numbers.count)
        tree.compact(live)
        for beam in 0..<beams.count { beams.base[beam].node = live[beam] }
        nodesMax = max(1 << 12, 2 * tree.nodes.count)
        compactHistory()
        while history.entries.count > Self.heldSymbolsMax {
            let middle = history.middle(of: beams.base[0].history)
            var kept = 0
            for beam in 0..<beams.count
            where history.chain(of: beams.base[beam].history, holds: middle) {
                beams.base[kept] = beams.base[beam]
                kept += 1
            }
            beams.count = kept
            compactHistory()
        }
        symbolsMax = max(1 << 12, 2 * history.entries.count)
    }

    /// Bytes of the arrays that grow with what beams differ in.
    var bytesHeld: Int {
        tree.nodes.capacity * MemoryLayout<PrefixNode>.stride
            + tree.states.capacity * MemoryLayout<NGramState>.stride
            + history.entries.capacity * MemoryLayout<SymbolHistory.Entry>.stride
            + candidates.capacity * MemoryLayout<Candidate>.stride
    }

    private func compactHistory() {
        for beam in 0..<beams.count { numbers.base[beam] = beams.base[beam].history }
        let heads = UnsafeMutableBufferPointer(start: numbers.base, count: beams.count)
        history.compact(heads)
        for beam in 0..<beams.count { beams.base[beam].history = heads[beam] }
    }
}
