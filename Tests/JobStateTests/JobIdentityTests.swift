internal import Digests
internal import JobState
internal import SpeechTypes
internal import Testing

@Suite("What makes a job the same job")
struct JobIdentityTests {
    @Test("the canonical form is written out, and its digest is the job's name")
    func canonicalForm() {
        let job = Samples.job(rows: 12)
        let expected = """
            format:17:scriptorium job 2
            protocol:1:1
            manifest:64:\(Samples.digest("manifest").hex)
            rows:2:12
            recipe:64:\(job.recipe.digest.hex)
            engine:1:1
            arithmetic:6:fp32/a

            """
        #expect(job.canonicalForm(arithmetic: "fp32/a") == expected)
        #expect(job.jobID(arithmetic: "fp32/a") == Samples.digest(expected))
        #expect(job.jobID() != job.jobID(arithmetic: "fp32/a"))
    }

    @Test("a job keeps the name that the releases before recipes gave it, and has no other old one")
    func formerName() {
        var job = Samples.job(rows: 12, arithmetic: "fp32/a")
        func former(blankWeight: String) -> ContentDigest {
            Samples.digest(
                """
                format:17:scriptorium job 1
                protocol:1:1
                manifest:64:\(Samples.digest("manifest").hex)
                rows:2:12
                model:64:\(Samples.digest("model").hex)
                engine:1:1
                arithmetic:6:fp32/a
                option.blank_mode:3:add
                option.blank_weight:3:\(blankWeight)
                option.channels:3:mix
                option.chunk:4:grid
                option.hourglass_padding:6:single
                option.save_logits:0:

                """)
        }
        #expect(job.isNamed(former(blankWeight: "0.0")) && job.isNamed(job.jobID()))
        #expect(!job.isNamed(former(blankWeight: "1.5")))
        job.options.blankWeight = 1.5
        #expect(job.isNamed(former(blankWeight: "1.5")))
        // What the old form has no words for has no name in it.
        job.recipe.artefacts.further["language_model"] = Samples.digest("words")
        #expect(!job.isNamed(former(blankWeight: "1.5")))
    }

    @Test("a further artefact makes another job, and names itself among what differs")
    func artefact() {
        let job = Samples.job(rows: 12)
        var other = job
        other.recipe.artefacts.further["language_model"] = Samples.digest("words")
        #expect(other.jobID() != job.jobID())
        #expect(other.differences(from: job, facts: nil) == [.artefacts])
    }

    @Test("a part of a manifest is a job of its own")
    func part() {
        let whole = Samples.job(rows: 12)
        var part = whole
        part.part = JobPart(number: 2, count: 3)
        #expect(part.canonicalForm().contains("rows:2:12\npart:3:2/3\nrecipe:"))
        #expect(part.jobID() != whole.jobID())
        #expect(part.differences(from: whole, facts: nil) == [.part])
    }

    @Test("what differs is named, in a fixed order; the fleet is free to differ")
    func differences() {
        let recorded = Samples.job(rows: 12)
        let facts = FleetFacts(
            arithmetic: "fp32/a", canaryDigest: Samples.digest("canary"), slot: "h/0",
            engineNumber: 1)
        #expect(recorded.differences(from: recorded, facts: facts).isEmpty)
        var asked = Samples.job(rows: 12, arithmetic: "fp32/a")
        #expect(asked.differences(from: recorded, facts: facts).isEmpty)
        asked.arithmetic = "fp32/b"
        asked.options.blankWeight = 1
        asked.modelDigest = Samples.digest("other")
        asked.manifestDigest = Samples.digest("other rows")
        #expect(
            asked.differences(from: recorded, facts: facts)
                == [.manifest, .model, .options, .arithmetic])
    }
}
