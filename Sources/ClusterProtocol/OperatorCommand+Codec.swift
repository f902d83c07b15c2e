/// `command`: the word, and the slot or row where it needs one.
extension OperatorCommand {
    private enum Word: String {
        case pause
        case resume
        case retry
        case retryAllQuarantined = "retry_all_quarantined"
        case drain
        case cancel
    }

    var meta: [UInt8] {
        var meta = MetaWriter()
        switch self {
        case .pause: meta.field("command", Word.pause.rawValue)
        case .resume: meta.field("command", Word.resume.rawValue)
        case .retry(.row(let ordinal)):
            meta.field("command", Word.retry.rawValue)
            meta.field("ordinal", ordinal)
        case .retry(.allQuarantined): meta.field("command", Word.retryAllQuarantined.rawValue)
        case .drain(let slot):
            meta.field("command", Word.drain.rawValue)
            meta.field("slot", slot)
        case .cancel: meta.field("command", Word.cancel.rawValue)
        }
        return meta.finish()
    }

    init(_ meta: MetaReader, _ limits: ClusterLimits) throws(ProtocolError) {
        switch try meta.word("command", Word.self) {
        case .pause: self = .pause
        case .resume: self = .resume
        case .retry: self = .retry(.row(try meta.int("ordinal")))
        case .retryAllQuarantined: self = .retry(.allQuarantined)
        case .drain: self = .drain(slot: try meta.text("slot", bytesMax: limits.nameBytesMax))
        case .cancel: self = .cancel
        }
    }
}

/// `commandReply`.
extension OperatorAnswer {
    var meta: [UInt8] {
        var meta = MetaWriter()
        meta.field("isDone", isDone)
        meta.field("sentence", sentence)
        meta.field("count", count)
        return meta.finish()
    }

    init(_ meta: MetaReader, _ limits: ClusterLimits) throws(ProtocolError) {
        self.init(
            isDone: try meta.bool("isDone"),
            sentence: try meta.text("sentence", bytesMax: limits.textBytesMax),
            count: try meta.int("count"))
    }
}
