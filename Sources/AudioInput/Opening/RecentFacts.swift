internal import AudioDecoding
internal import AudioFormats
internal import Threading

/// What was found out about whole files, so that it is found out once for all their spans.
final class RecentFacts<Fact: Sendable>: Sendable {
    private struct State {
        var facts: [FileIdentity: (fact: Fact, lastUse: Int)] = [:]
        var uses = 0
    }

    private let state: Guarded<State>
    private let countMax: Int

    init(countMax: Int) {
        state = Guarded(State())
        self.countMax = countMax
    }

    /// The fact about a file, from `find` if it is not known; several threads may find it at once.
    func fact(
        of file: AudioFile, find: (AudioFile) throws(AudioError) -> Fact
    ) throws(AudioError) -> Fact {
        let known = state.withLock { state -> Fact? in
            state.uses += 1
            state.facts[file.identity]?.lastUse = state.uses
            return state.facts[file.identity]?.fact
        }
        if let known { return known }
        let fact = try find(file)
        let countMax = countMax
        state.withLock { state in
            if state.facts.count >= countMax,
                let oldest = state.facts.min(by: { $0.value.lastUse < $1.value.lastUse })
            {
                state.facts[oldest.key] = nil
            }
            state.facts[file.identity] = (fact, state.uses)
        }
        return fact
    }
}

/// What is found out by a walk through a whole file and is needed for each span of it.
struct FileFacts: Sendable {
    let oggPages = RecentFacts<OggPages>(countMax: 64)
    /// Nil for streams in which one cannot seek; 16 bytes for 16 frames of the others.
    let mpegSeekPoints = RecentFacts<MPEGSeekPoints?>(countMax: 16)
}
