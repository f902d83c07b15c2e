package import SpeechTypes

/// How a worker's process spends its time and memory, for people: nothing is decided by it.
package struct WorkerLoad: Hashable, Sendable {
    /// Since the engine began.
    package var engine: EngineLoad
    /// Memory that the process holds; 0 where the system does not say.
    package var residentBytes: Int

    package init(engine: EngineLoad, residentBytes: Int) {
        self.engine = engine
        self.residentBytes = residentBytes
    }
}

/// What minor 6 added to heartbeats.
extension WorkerLoad {
    func write(to meta: inout MetaWriter) {
        engine.write("stageMilliseconds", to: &meta)
        meta.field("batches", engine.batches)
        meta.field("batchedMilliseconds", engine.batchedMilliseconds)
        meta.field("residentBytes", residentBytes)
    }

    init(_ meta: MetaReader) throws(ProtocolError) {
        self.init(
            engine: EngineLoad(
                milliseconds: try EngineLoad.milliseconds("stageMilliseconds", in: meta),
                batches: try meta.int("batches"),
                batchedMilliseconds: try meta.int("batchedMilliseconds")),
            residentBytes: try meta.int("residentBytes"))
    }
}

extension EngineLoad {
    /// The time of each stage; a counter that has run for longer than numbers go stays at their end.
    func write(_ name: String, to meta: inout MetaWriter) {
        meta.field(name, milliseconds.map { min(max(0, $0), MetaReader.integerMax) })
    }

    static func milliseconds(
        _ name: String, in meta: MetaReader
    ) throws(ProtocolError) -> [Int] {
        let stages = EngineStage.allCases.count
        let times = try meta.ints(name, countMax: stages)
        guard times.count == stages else {
            throw ProtocolError(.field, "\(name) has not \(stages) times")
        }
        return times
    }
}
