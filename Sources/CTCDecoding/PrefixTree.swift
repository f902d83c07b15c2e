internal import LanguageModels
internal import SpeechTypes

/// A beginning of the text, and what is known of it: a node of ``PrefixTree``.
struct PrefixNode: BitwiseCopyable {
    /// Of the words that have ended: language model, bonuses, hotwords.
    var score = 0.0
    /// ``score``, and what holds for the word that has not ended.
    var total = 0.0
    /// The prefix without its last label; -1 where that is not needed any more.
    var parent: Int32 = -1
    /// The last label.
    var label: UInt32 = 0
    /// Of the language model, after the words that have ended.
    var state: Int32 = 0
    /// In the known words, or in the lexicon.
    var unigram = LabelTrie.root
    /// The word of the lexicon that has just ended; -1 for none.
    var word: Int32 = -1
    /// In the words of hotwords.
    var hotword = LabelTrie.root
    /// In the hotwords' phrases.
    var phrase = HotwordPhrases.start
    /// Labels of the word that has not ended.
    var length: Int32 = 0
    /// The frame that ``candidate`` is of.
    var stamp: Int32 = -1
    /// The first candidate of that frame that stands here.
    var candidate: Int32 = -1
}

/// All beginnings of the text that a search has met and may still need, with their scores.
///
/// A prefix is the same one whatever symbols made it: `th`, or `t` and `h`. Nodes are numbered in the
/// order of their making, a parent before its children; where a table of (parent, label) is asked,
/// nothing depends on its order.
///
/// Unchecked, because one thread at a time uses a decoder and all that it has.
final class PrefixTree: @unchecked Sendable {
    private struct Slot: BitwiseCopyable {
        /// Parent and label; 0 for an empty slot.
        var key: UInt64 = 0
        var child: Int32 = 0
    }

    let model: BeamModel
    let nodes: Pool<PrefixNode>
    let states: Pool<NGramState>
    private var slots: UnsafeMutablePointer<Slot>
    private var slotMask: Int
    /// Of a word, for the language model's vocabulary.
    var spelling: [UInt8] = []
    /// Its labels, last first.
    var spelled: [UInt32] = []
    private var remapped: [Int32] = []

    /// Labels of the longest word that a vocabulary may know.
    private static let wordLabelsMax = 4_096
    private static let slotsMin = 1 << 13

    init(_ model: BeamModel) {
        self.model = model
        nodes = Pool(capacity: Self.slotsMin / 2)
        states = Pool(capacity: 256)
        slotMask = Self.slotsMin - 1
        slots = .allocate(capacity: Self.slotsMin)
        slots.initialize(repeating: Slot(), count: Self.slotsMin)
        states.append(model.startState)
        nodes.append(PrefixNode())
    }

    deinit { slots.deallocate() }

    // MARK: Children

    /// The prefix that a class makes of `node`.
    ///
    /// - Precondition: there is room for as many new nodes as the class has labels.
    @inline(__always)
    func extend(_ node: Int32, by index: Int) -> Int32 {
        switch model.kinds[index] {
        case .blank, .silent: return node
        case .boundary: return endWord(node)
        case .text:
            if model.isBySymbol { return addSymbol(node, UInt32(index), symbol: index) }
            let single = model.singleLabels[index]
            if single != 0 { return addLabel(node, single) }
            var node = node
            for label in model.labels[index] {
                node = label == BeamModel.boundary ? endWord(node) : addLabel(node, label)
            }
            return node
        }
    }

    /// The prefix after the end of the word; `node` itself where no word has begun.
    func endWord(_ node: Int32) -> Int32 {
        if model.isBySymbol, let delimiter = model.vocabulary.wordDelimiter {
            // flashlight knows no delimiter, only symbols.
            if model.settings.isCompatible {
                return addSymbol(node, UInt32(delimiter), symbol: delimiter)
            }
            if nodes.base[Int(node)].length == 0 { return node }
            return addSymbol(node, BeamModel.boundary, symbol: delimiter)
        }
        return nodes.base[Int(node)].length == 0 ? node : addBoundary(node)
    }

    /// The prefix of `parent` and a label: the one that there is, or a new one that `score` completes.
    ///
    /// - Precondition: there is room for a node.
    @inline(__always)
    func child(
        _ parent: Int32, _ label: UInt32, _ score: (inout PrefixNode) -> Void
    ) -> Int32 {
        // The root has number 0: one more keeps a key from being 0.
        let key = UInt64(UInt32(bitPattern: parent) + 1) << 32 | UInt64(label)
        var slot = Self.hash(key) & slotMask
        while slots[slot].key != 0 {
            if slots[slot].key == key { return slots[slot].child }
            slot = (slot + 1) & slotMask
        }
        var node = nodes.base[Int(parent)]
        node.parent = parent
        node.label = label
        node.stamp = -1
        score(&node)
        nodes.append(node)
        let made = Int32(nodes.count - 1)
        slots[slot] = Slot(key: key, child: made)
        return made
    }

    @inline(__always)
    private static func hash(_ key: UInt64) -> Int {
        let mixed = key &* 0x9E37_79B9_7F4A_7C15
        return Int(truncatingIfNeeded: mixed >> 32)
    }

    private func addSymbol(_ parent: Int32, _ label: UInt32, symbol: Int) -> Int32 {
        child(parent, label) { node in
            node.length = label == BeamModel.boundary ? 0 : 1
            if model.languageModel != nil, symbol >= 0 {
                let index = model.symbolWords[symbol]
                let isKnown = index != LanguageModel.unknownWord
                addWord(
                    to: &node, index, offset: isKnown ? 0 : model.settings.unknownOffset,
                    bonus: model.settings.beta)
            }
            addSymbolToPhrases(&node, symbol)
            node.total = node.score + lentToPhrase(node)
        }
    }

    @inline(__always)
    private func addLabel(_ parent: Int32, _ label: UInt32) -> Int32 {
        child(parent, label) { node in
            node.length += 1
            if let unigrams = model.unigrams, node.unigram >= 0 {
                node.unigram = unigrams.child(of: node.unigram, label)
            }
            if let hotwords = model.hotwords {
                if node.hotword >= 0 {
                    node.hotword = hotwords.words.child(of: node.hotword, label)
                }
                if !model.settings.isCompatible {
                    node.score += hotwords.phrases.advance(&node.phrase, label)
                }
            }
            node.total = node.score + partialScore(node)
        }
    }

    private func addBoundary(_ parent: Int32) -> Int32 {
        child(parent, BeamModel.boundary) { node in
            if model.languageModel != nil {
                let word = word(endingAt: parent)
                addWord(
                    to: &node, word.index,
                    offset: word.isListed ? 0 : model.settings.unknownOffset,
                    bonus: model.settings.beta)
            }
            endHotword(&node)
            node.length = 0
            node.unigram = LabelTrie.root
            node.hotword = LabelTrie.root
            node.total = node.score + lentToPhrase(node)
        }
    }

    // MARK: Room

    /// Makes room for `count` more nodes.
    func reserve(_ count: Int) {
        nodes.reserve(count)
        let needed = 2 * (nodes.count + count)
        guard needed > slotMask + 1 else { return }
        var size = slotMask + 1
        while size < needed { size *= 2 }
        slots.deallocate()
        slots = .allocate(capacity: size)
        slots.initialize(repeating: Slot(), count: size)
        slotMask = size - 1
        for node in 0..<nodes.count { enter(Int32(node)) }
    }

    /// Puts a node into the table of children.
    private func enter(_ node: Int32) {
        let own = nodes.base[Int(node)]
        guard own.parent >= 0 else { return }
        let key = UInt64(UInt32(bitPattern: own.parent) + 1) << 32 | UInt64(own.label)
        var slot = Self.hash(key) & slotMask
        while slots[slot].key != 0 { slot = (slot + 1) & slotMask }
        slots[slot] = Slot(key: key, child: node)
    }

    /// Keeps the prefixes of `live`, and what of their past is still needed; writes their new numbers into
    /// `live`.
    func compact(_ live: UnsafeMutableBufferPointer<Int32>) {
        let count = nodes.count
        remapped.removeAll(keepingCapacity: true)
        remapped.append(contentsOf: repeatElement(-1, count: count))
        guard var shared = live.first else { return }
        for node in live {
            var other = node
            while shared != other {
                if shared > other {
                    shared = nodes.base[Int(shared)].parent
                } else {
                    other = nodes.base[Int(other)].parent
                }
            }
        }
        // All between what beams have in common and the beams: whatever leads there again is the same.
        for node in live {
            var current = node
            while current >= shared, remapped[Int(current)] < 0 {
                remapped[Int(current)] = 0
                current = nodes.base[Int(current)].parent
            }
        }
        keepPast(of: shared)
        var keptNodes = 0
        var keptStates = 0
        var (oldState, newState): (Int32, Int32) = (-1, -1)
        // States are numbered in the order of the nodes that made them, and may be shared.
        var statesLive = [Bool](repeating: false, count: states.count)
        for node in 0..<count where remapped[node] >= 0 {
            statesLive[Int(nodes.base[node].state)] = true
        }
        var stateNumbers = [Int32](repeating: -1, count: states.count)
        for state in 0..<states.count where statesLive[state] {
            states.base[keptStates] = states.base[state]
            stateNumbers[state] = Int32(keptStates)
            keptStates += 1
        }
        for node in 0..<count where remapped[node] >= 0 {
            var own = nodes.base[node]
            own.parent = own.parent < 0 ? -1 : remapped[Int(own.parent)]
            if own.state != oldState {
                (oldState, newState) = (own.state, stateNumbers[Int(own.state)])
            }
            own.state = newState
            nodes.base[keptNodes] = own
            remapped[node] = Int32(keptNodes)
            keptNodes += 1
        }
        nodes.count = keptNodes
        states.count = keptStates
        slots.update(repeating: Slot(), count: slotMask + 1)
        for node in 0..<keptNodes { enter(Int32(node)) }
        for position in live.indices { live[position] = remapped[Int(live[position])] }
    }

    /// Keeps what is asked of the past of `node`: the word that it is within, and words before it where
    /// history is pruned.
    private func keepPast(of node: Int32) {
        var (current, words) = (node, 0)
        for _ in 0..<Self.wordLabelsMax where current >= 0 {
            remapped[Int(current)] = 0
            if endsWord(current) { words += 1 }
            guard words < wordsKept else { return }
            current = nodes.base[Int(current)].parent
        }
    }

    /// Ends of words that the past of a prefix holds, the last one included; 0: only the prefix itself.
    private var wordsKept: Int {
        if model.settings.prunesHistory { return historyWords + 1 }
        if model.lexicon != nil { return 1 }
        return model.languageModel == nil || model.isBySymbol ? 0 : 1
    }

    /// Whether a word has ended with the last label of `node`.
    private func endsWord(_ node: Int32) -> Bool {
        let label = nodes.base[Int(node)].label
        return model.isBySymbol || label == BeamModel.boundary
            || label >= LexiconModel.wordLabels
    }

    /// Words that tell prefixes apart where history is pruned.
    var historyWords: Int { max(1, (model.languageModel?.order ?? 1) - 1) }
    /// A number that is the same for prefixes with the same last words and the same unfinished word.
    func historyHash(_ node: Int32) -> UInt64 {
        var (current, words, hash): (Int32, Int, UInt64) = (node, 0, 0xCBF2_9CE4_8422_2325)
        while current >= 0 {
            let own = nodes.base[Int(current)]
            guard own.parent >= 0 else { break }
            if endsWord(current) {
                words += 1
                if words > historyWords { break }
            }
            hash = (hash ^ UInt64(own.label)) &* 0x100_0000_01B3
            hash ^= hash >> 29
            current = own.parent
        }
        return hash
    }
}
