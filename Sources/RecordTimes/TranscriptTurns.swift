package import Manifests
package import SpeechBoundaries
package import SpeechTypes

extension TranscriptTimes {
    /// Words of one lane and one speaker that follow each other without a long pause.
    fileprivate struct Phrase {
        let lane: Int
        let speaker: String?
        var text: String
        var frames: Range<Int>
        var confidence: Float
    }

    /// What is said without a pause of a second is heard as one: who says yes meanwhile does not part it.
    private var pauseFrames: Int { FrameClock.sampleRate / samplesPerFrame }

    /// Who speaks after whom: phrases of all lanes in the order of their starts, and those of one lane and
    /// one speaker that follow each other as one.
    ///
    /// - Parameter labels: who says each word of a lane, where that is known.
    package func turns(of transcripts: [Transcript], _ labels: [SpeakerLabels?]) -> TimedItems {
        var phrases: [Phrase] = []
        for (lane, transcript) in transcripts.enumerated() {
            phrases += self.phrases(of: transcript, lane, labels[lane])
        }
        let order = phrases.indices.sorted {
            (phrases[$0].frames.lowerBound, $0) < (phrases[$1].frames.lowerBound, $1)
        }
        var items = TimedItems(.turn)
        var turn: Phrase?
        func end(_ turn: Phrase?) {
            guard let turn else { return }
            append(
                turn.text, turn.frames, turn.confidence,
                channel: transcripts.count > 1 ? turn.lane : nil, speaker: turn.speaker,
                to: &items)
        }
        for index in order {
            let next = phrases[index]
            if var now = turn, now.lane == next.lane, now.speaker == next.speaker {
                now.append(next)
                turn = now
            } else {
                end(turn)
                turn = next
            }
        }
        end(turn)
        items.end()
        return items
    }

    private func phrases(
        of transcript: Transcript, _ lane: Int, _ labels: SpeakerLabels?
    ) -> [Phrase] {
        var phrases: [Phrase] = []
        for word in transcript.words {
            let frames = transcript.frames(of: word)
            let next = Phrase(
                lane: lane, speaker: speaker(of: frames, labels),
                text: String(transcript.text(of: word)), frames: frames,
                confidence: transcript.confidence(of: word))
            if let last = phrases.last, last.speaker == next.speaker,
                frames.lowerBound - last.frames.upperBound < pauseFrames
            {
                phrases[phrases.count - 1].append(next)
            } else {
                phrases.append(next)
            }
        }
        return phrases
    }
}

extension TranscriptTimes.Phrase {
    fileprivate mutating func append(_ next: Self) {
        text += " " + next.text
        frames = frames.lowerBound..<max(frames.upperBound, next.frames.upperBound)
        confidence = min(confidence, next.confidence)
    }
}
